// The service has these answers: what this browser still kept of them goes.

const survey = document.querySelector("[data-forget-survey]")?.dataset.forgetSurvey;

try {
  if (survey) localStorage.removeItem(`cercle.survey.${survey}.${document.body.dataset.owner}`);
} catch {
  // Storage refused: nothing was kept.
}
