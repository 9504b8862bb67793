// Starts the interactive API documentation; writes go with the page's own session and its token.
const place = document.getElementById("api-docs");
window.SwaggerUIBundle({
  urls: JSON.parse(place.dataset.documents),
  domNode: place,
  presets: [window.SwaggerUIBundle.presets.apis, window.SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
  validatorUrl: null,
  requestInterceptor(request) {
    request.headers["X-CSRF-Token"] = place.dataset.csrf;
    return request;
  },
});
