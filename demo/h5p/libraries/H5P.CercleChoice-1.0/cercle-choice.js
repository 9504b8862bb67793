/* Questions with one right answer, one after the other. The texts come from the content's parameters. */
var H5P = H5P || {};

H5P.CercleChoice = (function () {
  'use strict';

  var INTERACTION = 'http://adlnet.gov/expapi/activities/cmi.interaction';
  var SUB_CONTENT = 'http://h5p.org/x-api/h5p-subContentId';

  function element(tag, className, text) {
    var node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function button(text, className, action) {
    var node = element('button', 'cercle-choice__button ' + className, text);
    node.type = 'button';
    node.addEventListener('click', action);
    return node;
  }

  /* H5P stores plain text with its markup escaped; here it is shown as text. */
  var holder = document.createElement('textarea');

  function read(value) {
    if (typeof value === 'string') {
      holder.innerHTML = value.replace(/</g, '&lt;');
      return holder.value;
    }
    if (Array.isArray(value)) return value.map(read);
    if (!value || typeof value !== 'object') return value;
    return Object.keys(value).reduce(function (all, key) {
      all[key] = read(value[key]);
      return all;
    }, {});
  }

  function CercleChoice(params, contentId, extras) {
    H5P.EventDispatcher.call(this);
    this.contentId = contentId;
    this.params = read(params);
    this.params.questions = this.params.questions || [];
    this.metadata = (extras && extras.metadata) || {};
    this.startedAt = Date.now();
    this.restore(extras && extras.previousState);
  }

  CercleChoice.prototype = Object.create(H5P.EventDispatcher.prototype);
  CercleChoice.prototype.constructor = CercleChoice;

  /* The state: for each question the chosen option (or null) and whether it was checked. */
  CercleChoice.prototype.restore = function (state) {
    var total = this.params.questions.length;
    var fits = state && Array.isArray(state.answers) && state.answers.length === total;
    this.answers = fits ? state.answers.map(copy) : this.params.questions.map(blank);
    this.current = fits ? Math.min(Math.max(state.current | 0, 0), total - 1) : 0;
    this.finished = Boolean(fits && state.finished);
  };

  function copy(answer) {
    return { chosen: answer.chosen === null ? null : answer.chosen | 0, checked: Boolean(answer.checked) };
  }

  function blank() {
    return { chosen: null, checked: false };
  }

  CercleChoice.prototype.getCurrentState = function () {
    if (!this.getAnswerGiven()) return undefined;
    return { answers: this.answers.map(copy), current: this.current, finished: this.finished };
  };

  CercleChoice.prototype.getAnswerGiven = function () {
    return this.answers.some(function (answer) { return answer.chosen !== null; });
  };

  CercleChoice.prototype.isRight = function (index) {
    var answer = this.answers[index];
    var option = this.params.questions[index].options[answer.chosen];
    return Boolean(answer.checked && option && option.correct);
  };

  CercleChoice.prototype.getScore = function () {
    var self = this;
    return this.answers.filter(function (_, index) { return self.isRight(index); }).length;
  };

  CercleChoice.prototype.getMaxScore = function () {
    return this.params.questions.length;
  };

  CercleChoice.prototype.getTitle = function () {
    return H5P.createTitle(this.metadata.title || '');
  };

  CercleChoice.prototype.attach = function ($container) {
    this.root = element('section', 'cercle-choice');
    if (this.metadata.defaultLanguage) this.root.lang = this.metadata.defaultLanguage;
    this.head = element('header', 'cercle-choice__head');
    this.body = element('div', 'cercle-choice__body');
    this.root.append(this.head, this.body);
    $container.get(0).append(this.root);
    this.setActivityStarted();
    this.show(false);
  };

  CercleChoice.prototype.show = function (moveFocus) {
    if (this.finished) this.showResult();
    else this.showQuestion();
    var target = this.body.querySelector('[data-focus]');
    if (moveFocus && target) target.focus();
    this.trigger('resize');
  };

  CercleChoice.prototype.text = function (name, values) {
    return Object.keys(values || {}).reduce(function (text, key) {
      return text.replace('@' + key, values[key]);
    }, this.params.l10n[name]);
  };

  CercleChoice.prototype.showHead = function (done, label) {
    var bar = element('div', 'cercle-choice__bar');
    var fill = element('span', 'cercle-choice__fill');
    fill.style.width = (100 * done / this.getMaxScore()) + '%';
    bar.append(fill);
    bar.setAttribute('aria-hidden', 'true');
    this.head.replaceChildren(element('p', 'cercle-choice__step', label), bar);
  };

  CercleChoice.prototype.showQuestion = function () {
    var question = this.params.questions[this.current];
    var done = this.answers.filter(function (answer) { return answer.checked; }).length;
    this.showHead(done, this.text('progress', { current: this.current + 1, total: this.getMaxScore() }));
    this.body.replaceChildren();
    if (this.current === 0 && this.params.introduction) {
      this.body.append(element('p', 'cercle-choice__intro', this.params.introduction));
    }
    if (question.situation) this.body.append(element('p', 'cercle-choice__situation', question.situation));
    this.body.append(this.form(question));
  };

  CercleChoice.prototype.form = function (question) {
    var self = this;
    var form = element('form', 'cercle-choice__form');
    var set = element('fieldset', 'cercle-choice__set');
    var legend = element('legend', 'cercle-choice__question', question.text);
    legend.tabIndex = -1;
    legend.dataset.focus = '';
    set.append(legend);
    question.options.forEach(function (option, index) { set.append(self.option(option, index)); });
    this.feedback = element('div', 'cercle-choice__feedback');
    this.feedback.setAttribute('role', 'status');
    this.actions = element('div', 'cercle-choice__actions');
    form.append(set, this.feedback, this.actions);
    form.addEventListener('submit', function (event) { event.preventDefault(); self.check(); });
    this.showAnswer();
    return form;
  };

  CercleChoice.prototype.option = function (option, index) {
    var self = this;
    var answer = this.answers[this.current];
    var label = element('label', 'cercle-choice__option');
    var input = element('input', 'cercle-choice__radio');
    input.type = 'radio';
    input.name = 'cercle-choice-' + this.contentId + '-' + this.current;
    input.value = String(index);
    input.checked = answer.chosen === index;
    input.addEventListener('change', function () {
      self.answers[self.current].chosen = index;
      self.feedback.textContent = '';
      self.triggerXAPI('interacted');
    });
    var words = element('span', 'cercle-choice__words', option.text);
    label.append(input, words);
    if (answer.checked) this.mark(label, words, option, answer.chosen === index);
    input.disabled = answer.checked;
    return label;
  };

  CercleChoice.prototype.mark = function (label, words, option, isChosen) {
    if (isChosen) label.classList.add('is-chosen');
    if (option.correct) label.classList.add('is-best');
    var tags = [];
    if (isChosen) tags.push(this.text('yours'));
    if (option.correct) tags.push(this.text('best'));
    if (tags.length) words.append(element('span', 'cercle-choice__tag', tags.join(' · ')));
  };

  CercleChoice.prototype.check = function () {
    var answer = this.answers[this.current];
    if (answer.checked) return this.advance();
    if (answer.chosen === null) {
      this.feedback.className = 'cercle-choice__feedback is-hint';
      this.feedback.textContent = this.text('choose');
      return undefined;
    }
    answer.checked = true;
    this.showQuestion();
    this.trigger(this.answeredEvent(this.current));
    this.actions.querySelector('button').focus();
    return this.trigger('resize');
  };

  CercleChoice.prototype.showAnswer = function () {
    var self = this;
    var answer = this.answers[this.current];
    var isLast = this.current === this.getMaxScore() - 1;
    if (!answer.checked) {
      var check = element('button', 'cercle-choice__button is-primary', this.text('check'));
      check.type = 'submit'; // so that Enter on an answer checks it
      return this.actions.replaceChildren(check);
    }
    var right = this.isRight(this.current);
    var option = this.params.questions[this.current].options[answer.chosen];
    this.feedback.className = 'cercle-choice__feedback ' + (right ? 'is-right' : 'is-other');
    this.feedback.append(element('strong', '', this.text(right ? 'correct' : 'incorrect')));
    if (option.feedback) this.feedback.append(element('p', '', option.feedback));
    var next = button(this.text(isLast ? 'finish' : 'next'), 'is-primary', function () { self.advance(); });
    return this.actions.replaceChildren(next);
  };

  CercleChoice.prototype.advance = function () {
    if (this.current < this.getMaxScore() - 1) this.current += 1;
    else this.finish();
    this.show(true);
  };

  CercleChoice.prototype.finish = function () {
    this.finished = true;
    var pass = (this.params.behaviour && this.params.behaviour.passPercentage) || 0;
    var success = 100 * this.getScore() >= pass * this.getMaxScore();
    this.triggerXAPICompleted(this.getScore(), this.getMaxScore(), success);
  };

  CercleChoice.prototype.showResult = function () {
    var self = this;
    var values = { score: this.getScore(), total: this.getMaxScore() };
    this.showHead(this.getMaxScore(), this.text('resultTitle'));
    var title = element('h2', 'cercle-choice__result', this.text('result', values));
    title.tabIndex = -1;
    title.dataset.focus = '';
    this.body.replaceChildren(title);
    if (this.params.closing) this.body.append(element('p', 'cercle-choice__intro', this.params.closing));
    this.body.append(this.summary());
    if (!this.params.behaviour || this.params.behaviour.enableRetry !== false) {
      var actions = element('div', 'cercle-choice__actions');
      actions.append(button(this.text('retry'), 'is-quiet', function () { self.resetTask(); self.show(true); }));
      this.body.append(actions);
    }
  };

  CercleChoice.prototype.summary = function () {
    var self = this;
    var list = element('ol', 'cercle-choice__summary');
    this.params.questions.forEach(function (question, index) {
      var right = self.isRight(index);
      var item = element('li', right ? 'is-right' : 'is-other', question.text);
      item.append(element('span', 'cercle-choice__tag', self.text(right ? 'correct' : 'incorrect')));
      list.append(item);
    });
    return list;
  };

  CercleChoice.prototype.resetTask = function () {
    this.answers = this.params.questions.map(blank);
    this.current = 0;
    this.finished = false;
    this.startedAt = Date.now();
  };

  CercleChoice.prototype.showSolutions = function () {
    this.answers.forEach(function (answer) { answer.checked = answer.chosen !== null; });
    if (this.root) this.show(false);
  };

  CercleChoice.prototype.answeredEvent = function (index) {
    var answer = this.answers[index];
    var question = this.params.questions[index];
    var event = this.createXAPIEventTemplate('answered');
    var whole = this.getContentIri(event);
    var statement = event.data.statement;
    statement.object = {
      objectType: 'Activity',
      id: whole + '?subContentId=' + question.id,
      definition: this.definition(question)
    };
    statement.context = statement.context || {};
    statement.context.contextActivities = statement.context.contextActivities || {};
    statement.context.contextActivities.parent = [{ id: whole, objectType: 'Activity' }];
    event.setScoredResult(this.isRight(index) ? 1 : 0, 1, null, true, this.isRight(index));
    statement.result.response = String(answer.chosen);
    return event;
  };

  CercleChoice.prototype.getContentIri = function (event) {
    return event.data.statement.object.id.split('?')[0];
  };

  CercleChoice.prototype.definition = function (question) {
    var lang = (this.metadata.defaultLanguage || 'en').split('-')[0];
    function words(text) { var map = {}; map[lang === 'fr' ? 'fr-CA' : 'en-CA'] = text; return map; }
    var extensions = {};
    extensions[SUB_CONTENT] = question.id;
    return {
      type: INTERACTION,
      interactionType: 'choice',
      description: words(question.text),
      choices: question.options.map(function (option, i) {
        return { id: String(i), description: words(option.text) };
      }),
      correctResponsesPattern: question.options.reduce(function (found, option, i) {
        return option.correct ? found.concat(String(i)) : found;
      }, []),
      extensions: extensions
    };
  };

  /* For a parent content or a report: the whole task and each question's answer. */
  CercleChoice.prototype.getXAPIData = function () {
    var self = this;
    var event = this.createXAPIEventTemplate('completed');
    event.setScoredResult(this.getScore(), this.getMaxScore(), this, true, true);
    event.data.statement.object.definition.interactionType = 'compound';
    event.data.statement.object.definition.type = INTERACTION;
    var children = this.answers.map(function (_, i) { return { statement: self.answeredEvent(i).data.statement }; });
    return { statement: event.data.statement, children: children };
  };

  return CercleChoice;
})();
