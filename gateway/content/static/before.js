/* Hands the page's settings to the H5P core before it is loaded, and keeps it from starting by itself. */
(function () {
  'use strict';
  var settings = JSON.parse(document.getElementById('cercle-play').textContent);
  window.CerclePlay = settings;
  window.H5PIntegration = settings.integration;
  window.H5P = window.H5P || {};
  window.H5P.preventInit = true;

  /* A browser that blocks third-party storage throws at the mere mention of it, and the core mentions it. */
  function memory() {
    var values = new Map();
    return {
      get length() { return values.size; },
      key: function (index) { return Array.from(values.keys())[index] || null; },
      getItem: function (key) { return values.has(String(key)) ? values.get(String(key)) : null; },
      setItem: function (key, value) { values.set(String(key), String(value)); },
      removeItem: function (key) { values.delete(String(key)); },
      clear: function () { values.clear(); }
    };
  }

  ['localStorage', 'sessionStorage'].forEach(function (name) {
    try {
      window[name].getItem('');
    } catch (error) {
      Object.defineProperty(window, name, { value: memory(), configurable: true });
    }
  });
})();
