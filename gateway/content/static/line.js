/*
 * The line from a content to the page that frames it: CercleLine(settings, store) for the player and for SCORM.
 *
 * Every message is {channel, nonce, type, ...} and goes to the main origin only. What must not be lost has an id, is kept
 * in this browser under the name `store`, and is sent again until the parent says {type: "ack", id}: the same id means the
 * same message. The parent may ask {type: "flush"}.
 *
 * In another site's page (settings.embedded) nothing is sent but the height.
 */
(function () {
  'use strict';

  var CHANNEL = 'cercle-h5p';
  var RESEND_MS = 4000;
  var RESEND_MAX_MS = 30000;

  window.CercleLine = function (settings, store) {
    var storeKey = CHANNEL + ':' + store;
    var pending = new Map();
    var resendDelay = RESEND_MS;
    var resendTimer;

    function post(message) {
      if (window.parent === window || (settings.embedded && message.type !== 'resize')) return;
      window.parent.postMessage(
        Object.assign({ channel: CHANNEL, nonce: settings.nonce }, message), settings.embedded ? '*' : settings.mainOrigin);
    }

    function uuid() {
      if (window.crypto.randomUUID) return window.crypto.randomUUID();
      var bytes = window.crypto.getRandomValues(new Uint8Array(16));
      bytes[6] = (bytes[6] & 15) | 64;
      bytes[8] = (bytes[8] & 63) | 128;
      var hex = Array.from(bytes, function (b) { return b.toString(16).padStart(2, '0'); }).join('');
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    }

    function persist() {
      try {
        if (pending.size) localStorage.setItem(storeKey, JSON.stringify(Array.from(pending.values())));
        else localStorage.removeItem(storeKey);
      } catch (error) { /* storage full or refused: the queue still lives in memory */ }
    }

    /* What was never acknowledged, back in the queue; newer than what the server could send. */
    function recall() {
      var left = [];
      try {
        if (!settings.readOnly) left = JSON.parse(localStorage.getItem(storeKey) || '[]');
      } catch (error) { /* unreadable: nothing is left */ }
      left.forEach(function (message) { pending.set(message.id, message); });
      return left;
    }

    /* Take back what a newer message makes needless. */
    function drop(isOld) {
      pending.forEach(function (message, id) { if (isOld(message)) pending.delete(id); });
    }

    function deliver(message) {
      if (settings.readOnly) return;
      var whole = Object.assign({ id: uuid() }, message);
      pending.set(whole.id, whole);
      persist();
      post(whole);
      scheduleResend();
    }

    function scheduleResend() {
      clearTimeout(resendTimer);
      if (!pending.size) return;
      resendTimer = setTimeout(function () {
        resendDelay = Math.min(resendDelay * 2, RESEND_MAX_MS);
        resend();
      }, resendDelay);
    }

    function resend() {
      pending.forEach(post);
      scheduleResend();
    }

    function acknowledge(id) {
      if (!pending.delete(id)) return;
      resendDelay = RESEND_MS;
      persist();
      scheduleResend();
    }

    /* Hear the parent; `flush` runs when it asks, and when the page goes out of sight. */
    function listen(flush) {
      window.addEventListener('message', function (event) {
        var message = event.data;
        if (event.source !== window.parent || event.origin !== settings.mainOrigin) return;
        if (!message || message.channel !== CHANNEL || message.nonce !== settings.nonce) return;
        if (message.type === 'ack') acknowledge(message.id);
        if (message.type === 'flush') flush();
      });
      document.addEventListener('visibilitychange', function () {
        if (document.visibilityState === 'hidden') flush();
      });
      window.addEventListener('pagehide', flush);
    }

    return { post: post, uuid: uuid, recall: recall, drop: drop, deliver: deliver, resend: resend, listen: listen };
  };
})();
