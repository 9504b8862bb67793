/* Starts the blocks of the page, children first, then tells the frame how high the page is. */
(function () {
  'use strict';
  var post = window.CercleBlock.post;

  function start(element) {
    var name = element.dataset.init;
    var words = $(element).children('script.xblock-json-init-args').text();
    var runtime = window.CercleBlock.runtime(element);
    var begin = name && name.split('.').reduce(function (found, part) { return found && found[part]; }, window);
    if (typeof begin !== 'function') return;
    var block = begin(runtime, element, words ? JSON.parse(words) : undefined) || {};
    block.element = element;
    block.name = $(element).data('name');
    $(element).data('xblock', block);
  }

  function watchSize() {
    var last = 0;
    function report() {
      var height = Math.ceil(Math.max(document.body.getBoundingClientRect().height, document.body.scrollHeight)) + 8;
      if (Math.abs(height - last) < 3) return;
      last = height;
      post({ type: 'resize', height: height });
    }
    new ResizeObserver(report).observe(document.body);
    new ResizeObserver(report).observe(document.querySelector('main'));
    report();
  }

  $(function () {
    try {
      $('.xblock[data-init]').toArray().reverse().forEach(start);
    } catch (error) {
      console.error(error);
      post({ type: 'failed' });
    }
    watchSize();
    post({ type: 'ready' });
  });
})();
