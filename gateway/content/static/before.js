/* Hands the page's settings to the H5P core before it is loaded, and keeps it from starting by itself. */
(function () {
  'use strict';
  var settings = JSON.parse(document.getElementById('cercle-play').textContent);
  window.CerclePlay = settings;
  window.H5PIntegration = settings.integration;
  window.H5P = window.H5P || {};
  window.H5P.preventInit = true;
})();
