/*
 * Starts the content and carries what it reports over the line (line.js) to the page that frames it.
 */
(function () {
  'use strict';

  var AFTER_INTERACTION_MS = 250;
  var INTERVAL_MS = 30000;
  var COALESCE_MS = 5000;
  var COALESCE_MAX_MS = 30000;
  var MAX_STATE_CHARS = 200000;

  var settings = window.CerclePlay;
  var line = window.CercleLine(settings, settings.resumeKey);
  var sentStates = {};
  var waiting = {};
  var saveTimer;

  /* ------------------------------------------------------------ state */

  function saveState(subContentId, dataType, text) {
    var slot = subContentId + '/' + dataType;
    if (sentStates[slot] === text || (text && text.length > MAX_STATE_CHARS)) return;
    sentStates[slot] = text;
    line.drop(function (message) { return message.type === 'state' && message.slot === slot; });
    line.deliver({ type: 'state', slot: slot, subContentId: String(subContentId), dataType: dataType, data: text });
  }

  function capture() {
    clearTimeout(saveTimer);
    saveTimer = undefined;
    (H5P.instances || []).forEach(function (instance) {
      if (typeof instance.getCurrentState !== 'function') return;
      var state;
      try {
        state = instance.getCurrentState();
      } catch (error) {
        return; // a content whose state cannot be read now keeps the one that was saved
      }
      if (state !== undefined) H5P.setUserData(instance.contentId, 'state', state);
    });
  }

  function captureIn(milliseconds) {
    clearTimeout(saveTimer);
    saveTimer = setTimeout(capture, milliseconds);
  }

  function captureSoon() {
    if (!saveTimer) captureIn(AFTER_INTERACTION_MS);
  }

  function userData() {
    var content = settings.integration.contents['cid-' + settings.contentId];
    content.contentUserData = content.contentUserData || {};
    return content.contentUserData;
  }

  /* What was saved here but never acknowledged is newer than what the server could send. */
  function restoreLeftovers(leftovers) {
    leftovers.forEach(function (message) {
      if (message.type !== 'state') return;
      var data = userData();
      data[message.subContentId] = data[message.subContentId] || {};
      if (message.data === null) delete data[message.subContentId][message.dataType];
      else data[message.subContentId][message.dataType] = message.data;
    });
  }

  function replaceUserDataCalls() {
    H5P.setUserData = function (contentId, dataType, data, options) {
      var text = JSON.stringify(data);
      if (text === undefined) return;
      var sub = (options && options.subContentId) || 0;
      var all = userData();
      all[sub] = all[sub] || {};
      all[sub][dataType] = text;
      saveState(sub, dataType, text);
    };
    H5P.getUserData = function (contentId, dataType, done, subContentId) {
      var own = userData()[subContentId || 0];
      if (!own || own[dataType] === undefined) return done(undefined, undefined);
      if (own[dataType] === 'RESET') return done(undefined, null);
      var value;
      try {
        value = JSON.parse(own[dataType]);
      } catch (error) {
        return done(error);
      }
      return done(undefined, value);
    };
    H5P.deleteUserData = function (contentId, dataType, subContentId) {
      var own = userData()[subContentId || 0];
      if (own) delete own[dataType];
      saveState(subContentId || 0, dataType, null);
    };
  }

  /* ------------------------------------------------------------ statements */

  function shortVerb(statement) {
    return String((statement.verb && statement.verb.id) || '').split('/').pop();
  }

  function sendStatement(statement) {
    line.deliver({ type: 'xapi', id: statement.id, statement: statement });
  }

  function onStatement(event) {
    var source = event && event.data && event.data.statement;
    if (!source || settings.readOnly) return;
    var statement = JSON.parse(JSON.stringify(source));
    delete statement.actor; // the platform knows who is signed in
    statement.id = line.uuid();
    statement.timestamp = new Date().toISOString();
    if (shortVerb(statement) === 'interacted') coalesce(statement);
    else sendStatement(statement);
    captureIn(0); // the state that belongs to a statement should not be lost where the statement is not
  }

  /* Many "interacted" about the same thing become the last one. */
  function coalesce(statement) {
    var key = statement.object && statement.object.id;
    var entry = waiting[key] || { since: Date.now() };
    clearTimeout(entry.timer);
    entry.statement = statement;
    var left = Math.max(0, COALESCE_MAX_MS - (Date.now() - entry.since));
    entry.timer = setTimeout(function () { release(key); }, Math.min(COALESCE_MS, left));
    waiting[key] = entry;
  }

  function release(key) {
    var entry = waiting[key];
    if (!entry) return;
    clearTimeout(entry.timer);
    delete waiting[key];
    sendStatement(entry.statement);
  }

  function onFinished(score, maxScore) {
    var opened = H5P.opened && H5P.opened[settings.contentId];
    var now = Date.now();
    line.deliver({
      type: 'finished', score: Number(score), maxScore: Number(maxScore),
      opened: (opened ? opened.valueOf() : now) / 1000, finished: now / 1000
    });
    captureSoon();
  }

  /* Content from before xAPI only triggers "finish": the core then calls setFinished, which says it in xAPI. */
  function replaceFinishedCalls() {
    H5P.xAPICompletedListener = function (event) {
      var verb = event.getVerb();
      var hasParent = event.getVerifiedStatementValue(['context', 'contextActivities', 'parent']);
      if ((verb === 'completed' || verb === 'answered') && !hasParent) {
        onFinished(event.getScore(), event.getMaxScore());
      }
    };
    H5P.setFinished = function (contentId, score, maxScore) {
      var instance = (H5P.instances || [])[0];
      if (instance && instance.triggerXAPICompleted) instance.triggerXAPICompleted(score, maxScore);
      else onFinished(score, maxScore);
    };
  }

  /* ------------------------------------------------------------ size, flush, start */

  function flush() {
    Object.keys(waiting).forEach(release);
    capture();
    line.resend();
  }

  function watchSize() {
    var main = document.querySelector('.cercle-play');
    var last = 0;
    function report() {
      var height = Math.ceil(main.getBoundingClientRect().height);
      if (Math.abs(height - last) < 2) return;
      last = height;
      line.post({ type: 'resize', height: height });
    }
    new ResizeObserver(report).observe(main);
    var width = window.innerWidth;
    window.addEventListener('resize', function () {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      (H5P.instances || []).forEach(function (instance) { H5P.trigger(instance, 'resize'); });
    });
    report();
  }

  function listen() {
    line.listen(flush);
    ['click', 'change', 'keyup', 'pointerup', 'drop'].forEach(function (name) {
      document.addEventListener(name, captureSoon, true);
    });
    setInterval(capture, INTERVAL_MS);
  }

  function fail() {
    var main = document.querySelector('.cercle-play');
    var words = document.createElement('p');
    words.className = 'cercle-failed';
    words.setAttribute('role', 'alert');
    words.textContent = main.dataset.failed;
    main.replaceChildren(words);
    line.post({ type: 'failed' });
  }

  function start() {
    restoreLeftovers(line.recall());
    replaceUserDataCalls();
    replaceFinishedCalls();
    listen();
    H5P.externalDispatcher.on('xAPI', onStatement);
    try {
      H5P.init(document.body);
    } catch (error) {
      console.error(error);
    }
    watchSize();
    if (!H5P.instances || !H5P.instances.length || !H5P.instances[0]) return fail();
    line.post({ type: 'ready', contentId: settings.contentId });
    return line.resend();
  }

  H5P.jQuery(start); // the core's own preparations wait for the same moment and come first
})();
