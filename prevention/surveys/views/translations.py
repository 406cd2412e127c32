"""Pages on which the office has texts translated: files out, files in, how complete each language is, approval."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access
from prevention.core.access import NotYours
from prevention.core.csv_reading import FileRefused
from prevention.core.files import attachment_headers
from prevention.core.languages import OFFERED_LANGUAGES, TranslationRefused
from prevention.core.translation_files import Format, read_translation, write_translation
from prevention.core.web import redirect_303
from prevention.roles import Role
from prevention.surveys import interface, service, wording
from prevention.surveys.forms import ApprovalForm, TranslationForm
from prevention.surveys.translating import Subject, subject_of, word_subjects
from prevention.surveys.views.blueprint import bp

_ENDINGS = {Format.XLIFF_12: "xlf", Format.XLIFF_20: "xlf", Format.CSV: "csv"}
_TYPES = {Format.XLIFF_12: "application/xliff+xml", Format.XLIFF_20: "application/xliff+xml", Format.CSV: "text/csv"}


@bp.get("/translations")
@access.roles(Role.OFFICE)
def translations() -> ResponseReturnValue:
    """Show how far the words of pages and papers and each questionnaire are in each language."""
    rows = service.published_rows()
    return render_template(
        "surveys/translations.html",
        languages=OFFERED_LANGUAGES,
        word_sets=[(subject, subject.languages()) for subject in word_subjects()],
        rows=list(zip(rows, service.languages_of_all(rows), strict=True)),
    )


@bp.route("/translations/<key>/<language>", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def translation(key: str, language: str) -> ResponseReturnValue:
    """Show one language of one text, and take a file in: whole, or not at all."""
    subject = subject_of(key)
    work = subject.work(language)
    form = TranslationForm()
    if form.validate_on_submit():
        file = form.file.data
        try:
            texts = read_translation(file.read(), work, file_name=file.filename or "")
        except FileRefused as refused:
            form.file.errors = [wording.translation_refusal(refused)]
        else:
            subject.load(access.require_actor(), language, texts)
            flash(_("The texts were taken in. Look at them, then approve them."), "success")
            return redirect_303("surveys.translation", key=key, language=language)
    return _page(subject, language, form=form)


@bp.get("/translations/<key>/<language>/files/<kind>")
@access.roles(Role.OFFICE)
def translation_file(key: str, language: str, kind: str) -> ResponseReturnValue:
    """Give the file for a translator, with what there is."""
    subject = subject_of(key)
    if kind not in set(Format):
        raise NotYours(kind)
    content = write_translation(subject.work(language), subject.texts(language), kind=Format(kind))
    name = f"{subject.name} {language} {kind}.{_ENDINGS[Format(kind)]}"
    return content, {"Content-Type": f"{_TYPES[Format(kind)]}; charset=utf-8", **attachment_headers(name)}


@bp.post("/translations/<key>/<language>/approval")
@access.roles(Role.OFFICE)
def approve_translation(key: str, language: str) -> ResponseReturnValue:
    """Show a complete language to pupils, or take it away again."""
    subject = subject_of(key)
    subject.work(language)
    form = ApprovalForm()
    if not form.validate_on_submit():
        return _page(subject, language, refusal=_("Say whether it may be shown."))
    is_approved = form.approved.data == "yes"
    try:
        subject.approve(access.require_actor(), language, is_approved=is_approved)
    except TranslationRefused as no:
        return _page(subject, language, refusal=wording.refusal(no))
    flash(_("Approved.") if is_approved else _("It is no longer shown."), "success")
    return redirect_303("surveys.translation", key=key, language=language)


def _page(
    subject: Subject, language: str, *, form: TranslationForm | None = None, refusal: str = ""
) -> ResponseReturnValue:
    texts = subject.texts(language)
    missing = [unit for unit in subject.italian if not texts.get(unit)]
    form = form or TranslationForm(formdata=None)
    page = render_template(
        "surveys/translation.html",
        subject=subject,
        language=OFFERED_LANGUAGES[language],
        state=next(one for one in subject.languages() if one.language == language),
        form=form,
        refusal=refusal,
        texts=texts,
        missing=missing,
        pages_ready=language in {one.code for one in interface.spoken_languages()},
        formats=Format,
    )
    return page, 422 if form.errors or refusal else 200
