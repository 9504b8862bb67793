"""Runs a library's upgrade hooks, one request per line of standard input, in a process of its own.

Started by upgrades.py as a file, so that nothing else is imported. The script sees an engine without a host: no
files, no network, no clock but its own, no DOM; memory, stack and time end at the limits below.
"""

import json
import sys
from typing import Any

import quickjs

try:
    import resource
except ImportError:  # not on every system
    resource = None  # type: ignore[assignment]

MEMORY = 64 * 1024 * 1024
STACK = 1024 * 1024
SECONDS = 5
PROCESS_MEMORY = 512 * 1024 * 1024
PROCESS_SECONDS = 10  # of processor time for one request, should the engine's own limit not end it
JOBS = 10_000

# What hooks were written against: the H5P core's upgrade page. A call of jQuery itself (for a DOM) throws.
HOST = r"""
'use strict';
(function (global) {
  function $() { throw new Error('no page here'); }
  function isPlain(value) { return Object.prototype.toString.call(value) === '[object Object]'; }
  $.isArray = Array.isArray;
  $.isPlainObject = isPlain;
  $.isEmptyObject = function (value) { return Object.keys(value || {}).length === 0; };
  $.isFunction = function (value) { return typeof value === 'function'; };
  $.type = function (value) { return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value; };
  $.trim = function (text) { return text == null ? '' : String(text).trim(); };
  $.inArray = function (value, list) { return list ? list.indexOf(value) : -1; };
  $.noop = function () {};
  $.each = function (list, visit) {
    Object.keys(list || {}).every(function (key) {
      return visit.call(list[key], Array.isArray(list) ? Number(key) : key, list[key]) !== false;
    });
    return list;
  };
  $.map = function (list, change) {
    return Object.keys(list || {}).map(function (key) { return change(list[key], Array.isArray(list) ? Number(key) : key); })
      .filter(function (value) { return value !== null && value !== undefined; }).flat();
  };
  $.extend = function () {
    var parts = Array.prototype.slice.call(arguments);
    var deep = typeof parts[0] === 'boolean' ? parts.shift() : false;
    var target = parts.shift() || {};
    parts.forEach(function (source) {
      Object.keys(source || {}).forEach(function (key) {
        var value = source[key];
        if (key === '__proto__' || value === undefined) return;
        if (deep && (isPlain(value) || Array.isArray(value))) {
          var base = Array.isArray(value) ? (Array.isArray(target[key]) ? target[key] : []) : (isPlain(target[key]) ? target[key] : {});
          target[key] = $.extend(true, base, value);
        } else target[key] = value;
      });
    });
    return target;
  };
  var later = [];
  global.window = global.self = global;
  global.console = { log: $.noop, warn: $.noop, error: $.noop, info: $.noop, debug: $.noop };
  global.setTimeout = function (run) { later.push(run); return later.length; };
  global.clearTimeout = $.noop;
  global.H5P = {
    jQuery: $,
    createUUID: function () {
      return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, function (c) {
        var r = Math.floor(Math.random() * 16);
        return (c === 'x' ? r : (r & 3) | 8).toString(16);
      });
    }
  };
  global.H5PUpgrades = {};
  global.__later = function () { if (later.length) later.shift()(); return later.length > 0; };
})(globalThis);
"""

DRIVER = r"""
(function (global) {
  'use strict';
  var input = JSON.parse(global.__input);
  var answer = null;
  global.__answer = function () { return answer === null ? null : JSON.stringify(answer); };
  var versions = global.H5PUpgrades[input.library];
  if (!versions || typeof versions !== 'object') { answer = { error: 'script-missing' }; return; }
  var old = input.old, target = input.new, hooks = [];
  function before(a, b) { return a[0] - b[0] || a[1] - b[1]; }
  Object.keys(versions).forEach(function (major) {
    Object.keys(versions[major] || {}).forEach(function (minor) {
      var hook = versions[major][minor], at = [Number(major), Number(minor)];
      if (hook && typeof hook === 'object') hook = hook.contentUpgrade;
      if (typeof hook === 'function' && before(at, old) > 0 && before(at, target) <= 0) hooks.push({ at: at, run: hook });
    });
  });
  hooks.sort(function (a, b) { return before(a.at, b.at); });
  function fail(hook, error) {
    var said = String((error && error.message) || error).slice(0, 200);
    var limit = /out of memory|stack overflow|call stack|interrupted/.test(said);
    if (answer === null) answer = { error: limit ? 'out-of-limits' : 'hook-failed', detail: hook.at.join('.') + ': ' + said };
  }
  function step(index, params, extras) {
    if (index === hooks.length) { answer = { params: params, extras: extras, hooks: hooks.length }; return; }
    var hook = hooks[index], called = false;
    try {
      hook.run(params, function (error, changed, more) {
        if (called) return;
        called = true;
        if (error) fail(hook, error);
        else step(index + 1, changed === undefined ? params : changed, more === undefined ? extras : more);
      }, extras);
    } catch (error) {
      fail(hook, error);
    }
  }
  step(0, input.params, input.extras);
})(globalThis);
"""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Params and extras after every hook, or `error` and `detail`."""
    context = quickjs.Context()
    context.set_memory_limit(MEMORY)
    context.set_max_stack_size(STACK)
    context.set_time_limit(request.get("seconds", SECONDS))
    try:
        context.eval(HOST)
        context.eval(request["script"])
        context.set("__input", json.dumps({key: value for key, value in request.items() if key != "script"}))
        context.eval(DRIVER)
        said = _wait(context)
    except quickjs.JSException as error:
        return _fault(str(error))
    if said is None:
        return {"error": "hook-failed", "detail": "never finished"}
    found: dict[str, Any] = json.loads(said)
    return found


def _wait(context: Any) -> str | None:
    """The answer once promises and timers have run."""
    for _ in range(JOBS):
        said: str | None = context.eval("__answer()")
        if said is not None:
            return said
        if not context.execute_pending_job() and not context.eval("__later()"):
            return context.eval("__answer()")  # type: ignore[no-any-return]
    return None


def _fault(text: str) -> dict[str, Any]:
    limits = ("interrupted", "out of memory", "stack overflow", "call stack")
    first = text.splitlines()[0][:200] if text else ""
    if any(word in text for word in limits) or not text:
        return {"error": "out-of-limits", "detail": first}
    return {"error": "hook-failed", "detail": first}


def _confine() -> None:
    """The process's own limits, where the system has them."""
    if resource is not None:
        for limit, value in (
            (resource.RLIMIT_AS, PROCESS_MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)
        ):  # fmt: skip
            resource.setrlimit(limit, (value, value))


def _allow_time() -> None:
    """So many more seconds of processor time; then the system ends the process."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + PROCESS_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def main() -> None:
    """Answer until the input ends."""
    _confine()
    for line in sys.stdin:
        _allow_time()
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
