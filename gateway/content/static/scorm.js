/*
 * Gives a SCORM content its run-time API (scorm-again) and carries its data model to the page that frames this one.
 *
 * The line (line.js) is the H5P player's: a "state" is kept until it is acknowledged. Its data is the JSON of one item's
 * whole data model, so that only the newest of an item matters.
 */
(function () {
  'use strict';

  var DATA_TYPE = 'cmi';
  var SOON_MS = 250;
  var MAX_CHARS = 200000;
  var LEFT_OUT = ['session_time']; // it is in total_time

  var settings = JSON.parse(document.getElementById('cercle-scorm').textContent);
  var is12 = settings.version === '1.2';
  var line = window.CercleLine(settings, 'scorm:' + settings.resumeKey);
  var models = {};
  var current = null;
  var saveTimer;

  function deliver(itemId, text) {
    if (text.length > MAX_CHARS) return;
    line.drop(function (message) { return message.subContentId === itemId; });
    line.deliver({ type: 'state', subContentId: itemId, dataType: DATA_TYPE, data: text });
  }

  /* ------------------------------------------------------------ the data model */

  function flat(value, path, into) {
    if (value && typeof value === 'object') {
      Object.keys(value).forEach(function (name) {
        if (LEFT_OUT.indexOf(name) < 0) flat(value[name], path ? path + '.' + name : name, into);
      });
    } else if (value !== '' && value !== null && value !== undefined) into[path] = value;
    return into;
  }

  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch (error) {
      return null;
    }
  }

  function stateOf(item) {
    var model = parsed(models[item.id] || '') || {};
    return is12 ? (model.core || {}) : model;
  }

  function isDone(item) {
    var state = stateOf(item);
    if (is12) return ['completed', 'passed', 'failed'].indexOf(state.lesson_status) >= 0;
    return state.completion_status === 'completed' || state.success_status === 'passed';
  }

  function newApi(item) {
    var API = is12 ? window.Scorm12API : window.Scorm2004API;
    var api = new API({ autocommit: false, logLevel: 5, lmsCommitUrl: false });
    var saved = parsed(models[item.id] || '');
    if (saved) api.loadFromFlattenedJSON(flat(saved, 'cmi', {}), '');
    prepare(api, item, saved);
    var names = is12 ? ['LMSSetValue', 'LMSCommit', 'LMSFinish'] : ['SetValue', 'Commit', 'Terminate'];
    api.on(names[0], function () { captureIn(SOON_MS); });
    api.on(names[1], capture);
    api.on(names[2], capture);
    return api;
  }

  /* What the platform says to the content. No name: the content gets a pseudonym. */
  function prepare(api, item, saved) {
    var core = is12 ? api.cmi.core : api.cmi;
    var suspended = saved && (is12 ? (saved.core || {}).exit : saved.exit) === 'suspend';
    core.entry = saved ? (suspended ? 'resume' : '') : 'ab-initio';
    core[is12 ? 'student_id' : 'learner_id'] = settings.learner;
    core[is12 ? 'student_name' : 'learner_name'] = '-';
    core[is12 ? 'lesson_mode' : 'mode'] = settings.readOnly ? 'browse' : 'normal';
    core.credit = settings.readOnly ? 'no-credit' : 'credit';
    if (is12 && !core.lesson_status) core.lesson_status = 'not attempted';
    if (item.launch_data) api.cmi.launch_data = item.launch_data;
    if (item.mastery === null) return;
    if (is12) api.cmi.student_data.mastery_score = String(Math.round(item.mastery * 100));
    else api.cmi.scaled_passing_score = String(item.mastery);
  }

  function capture() {
    clearTimeout(saveTimer);
    saveTimer = undefined;
    if (!current) return;
    var data = current.api.renderCMIToJSONObject().cmi;
    if (current.api.cmi.getCurrentTotalTime) (is12 ? data.core : data).total_time = current.api.cmi.getCurrentTotalTime();
    var text = JSON.stringify(data);
    if (!current.touched && text === current.first) return;
    if (text === models[current.item.id]) return;
    models[current.item.id] = text;
    deliver(current.item.id, text);
    mark(current.item);
  }

  function captureIn(milliseconds) {
    current.touched = true;
    if (!saveTimer) saveTimer = setTimeout(capture, milliseconds);
  }

  /* ------------------------------------------------------------ the page */

  function mark(item) {
    var button = document.querySelector('[data-item="' + CSS.escape(item.id) + '"]');
    if (button) button.querySelector('.scorm-mark').hidden = !isDone(item);
  }

  function launch(item) {
    capture();
    var stage = document.querySelector('.scorm-stage');
    var api = newApi(item);
    current = { item: item, api: api, touched: false, first: '' };
    current.first = JSON.stringify(api.renderCMIToJSONObject().cmi);
    window[is12 ? 'API' : 'API_1484_11'] = api;
    document.querySelectorAll('[data-item]').forEach(function (button) {
      if (button.dataset.item === item.id) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    });
    var frame = document.createElement('iframe');
    frame.title = item.title;
    frame.allow = 'fullscreen; autoplay';
    frame.src = 'files/' + item.href.split('?').map(function (part, at) {
      return at ? part : part.split('/').map(encodeURIComponent).join('/');
    }).join('?');
    stage.replaceChildren(frame);
  }

  function flush() {
    capture();
    line.resend();
  }

  function listen() {
    line.listen(flush);
    document.querySelectorAll('[data-item]').forEach(function (button) {
      button.addEventListener('click', function () {
        launch(settings.items.find(function (item) { return item.id === button.dataset.item; }));
      });
    });
  }

  function start() {
    models = Object.assign({}, settings.models);
    line.recall().forEach(function (message) { models[message.subContentId] = message.data; });
    listen();
    settings.items.forEach(mark);
    var first = settings.items.find(function (item) { return !isDone(item); }) || settings.items[0];
    launch(first);
    line.post({ type: 'resize', height: Math.max(560, Math.round(window.screen.height * 0.7)) });
    line.post({ type: 'ready', contentId: settings.resumeKey });
    line.resend();
  }

  start();
})();
