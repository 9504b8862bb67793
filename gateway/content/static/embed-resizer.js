/* For pages of other sites: gives every frame of ours below the height that its content needs. */
(function () {
  'use strict';
  var here = new URL(document.currentScript.src).origin;
  window.addEventListener('message', function (event) {
    var message = event.data;
    if (event.origin !== here || !message || message.channel !== 'cercle-h5p' || message.type !== 'resize') return;
    if (!(message.height >= 0 && message.height <= 20000)) return;
    Array.prototype.forEach.call(document.querySelectorAll('iframe'), function (frame) {
      if (frame.contentWindow === event.source) frame.style.height = Math.max(message.height, 80) + 'px';
    });
  });
})();
