/*
 * What a block of another maker finds on its page: the JavaScript side of the XBlock runtime, and words.
 * The page tells its frame {channel, nonce, type: ready | resize | attempt | saved | cancelled | failed}.
 */
(function () {
  'use strict';

  var CHANNEL = 'cercle-block';
  var settings = JSON.parse(document.getElementById('cercle-block').textContent);

  function post(message) {
    if (window.parent === window) return;
    window.parent.postMessage(Object.assign({ channel: CHANNEL, nonce: settings.nonce }, message), settings.mainOrigin);
  }

  function handlerUrl(element, handler, suffix, query) {
    var usage = $(element).closest('[data-usage]').attr('data-usage');
    var token = window.location.pathname.split('/')[2];
    var url = '/block/' + token + '/' + usage + '/handlers/' + encodeURIComponent(handler);
    if (suffix) url += '/' + String(suffix).split('/').map(encodeURIComponent).join('/');
    return url + (query ? '?' + query : '');
  }

  function childrenOf(element) {
    var all = $(element).find('.xblock');
    return all.filter(function () { return !$(this).parentsUntil(element, '.xblock').length; }).toArray();
  }

  /* What a learner's answers led to, as the server told it with the answer of a handler. */
  function noteAttempt(text) {
    if (text) post({ type: 'attempt', attempt: JSON.parse(text) });
  }

  var send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function () {
    this.addEventListener('load', function () { noteAttempt(this.getResponseHeader('X-Cercle-Attempt')); });
    return send.apply(this, arguments);
  };
  var plainFetch = window.fetch;
  window.fetch = function () {
    return plainFetch.apply(window, arguments).then(function (response) {
      noteAttempt(response.headers.get('X-Cercle-Attempt'));
      return response;
    });
  };

  function notify(name, data) {
    var state = (data && data.state) || '';
    if (name === 'save' && state === 'end') post({ type: 'saved' });
    if (name === 'cancel') post({ type: 'cancelled' });
    if (name === 'error') {
      var words = [data && (data.title || ''), data && (data.message || data.msg || '')].filter(Boolean).join(' ');
      window.alert(words || 'Error');
    }
  }

  window.CercleBlock = {
    post: post,
    runtime: function (element) {
      var listeners = {};
      return {
        element: element,
        handlerUrl: handlerUrl,
        notify: notify,
        children: childrenOf,
        childMap: function (parent, name) {
          return childrenOf(parent).map(function (child) { return $(child).data('xblock'); })
            .filter(function (child) { return child && child.name === name; })[0];
        },
        refreshXBlock: function () { window.location.reload(); },
        listenTo: function (name, callback) { (listeners[name] = listeners[name] || []).push(callback); },
        trigger: function (name, data) { (listeners[name] || []).forEach(function (call) { call(data); }); },
      };
    },
  };

  /* Blocks bring their catalogues; without one a text stays as it is written. */
  var same = function (text) { return text; };
  var plural = function (one, many, count) { return count === 1 ? one : many; };
  if (!window.gettext) window.gettext = same;
  if (!window.ngettext) window.ngettext = plural;
  if (!window.pgettext) window.pgettext = function (context, text) { return text; };
  if (!window.interpolate) {
    window.interpolate = function (text, values, named) {
      return named
        ? text.replace(/%\(\w+\)s/g, function (match) { return String(values[match.slice(2, -2)]); })
        : text.replace(/%s/g, function () { return String(values.shift()); });
    };
  }
  /* The first host brings a code editor; here the text field itself is the editor. */
  window.CodeMirror = window.CodeMirror || {
    fromTextArea: function (field) {
      var nothing = function () {};
      return {
        getValue: function () { return field.value; },
        setValue: function (text) { field.value = text; },
        getWrapperElement: function () { return field; },
        save: nothing, refresh: nothing, on: nothing, setSize: nothing, setOption: nothing, toTextArea: nothing,
      };
    },
  };
  /* Some blocks announce things to the surroundings of their first host. */
  window.Logger = window.Logger || { log: function () {} };
})();
