"""What each column of the files holds, in words: for value labels, codebooks and data packages. Pure."""

from collections.abc import Mapping

from prevention.core.i18n import Localised
from prevention.indicators.published import Dimension, Measure, Reason

# Types as Frictionless names them (Table Schema 1.0).
TYPES: Mapping[str, str] = {
    "scale_low": "number", "scale_high": "number", "answers": "integer", "answers_rounded": "boolean",
    "estimate": "number", "interval_low": "number", "interval_high": "number", "suppressed": "boolean",
    "classes": "integer", "schools": "integer", "missing": "number", "published_on": "date", "made_up": "boolean",
}  # fmt: skip

LABELS: Mapping[str, Localised] = {
    "school_year": Localised(it="Anno scolastico", en="School year"),
    "survey": Localised(it="Rilevazione", en="Survey"),
    "indicator": Localised(it="Codice dell'indicatore", en="Code of the indicator"),
    "section": Localised(it="Sezione del rapporto", en="Section of the report"),
    "name_it": Localised(it="Nome dell'indicatore, italiano", en="Name of the indicator, Italian"),
    "name_en": Localised(it="Nome dell'indicatore, inglese", en="Name of the indicator, English"),
    "definition_it": Localised(it="Definizione, italiano", en="Definition, Italian"),
    "definition_en": Localised(it="Definizione, inglese", en="Definition, English"),
    "measure": Localised(it="Misura della stima", en="Measure of the estimate"),
    "scale_low": Localised(it="Valore minimo possibile", en="Lowest possible value"),
    "scale_high": Localised(it="Valore massimo possibile", en="Highest possible value"),
    "dimension": Localised(it="Come sono distinti gli alunni", en="How pupils are told apart"),
    "group": Localised(it="Gruppo, codice", en="Group, code"),
    "label_it": Localised(it="Gruppo, italiano", en="Group, Italian"),
    "label_en": Localised(it="Gruppo, inglese", en="Group, English"),
    "answers": Localised(it="Risposte valide", en="Valid answers"),
    "answers_rounded": Localised(it="Risposte arrotondate alla decina", en="Answers to the nearest ten"),
    "estimate": Localised(it="Stima arrotondata", en="Rounded estimate"),
    "interval_low": Localised(it="Intervallo al 95 %, da", en="95 % interval, from"),
    "interval_high": Localised(it="Intervallo al 95 %, a", en="95 % interval, to"),
    "suppressed": Localised(it="Valore non pubblicato", en="Figure not published"),
    "masked": Localised(it="Limite in percentuale al posto del valore", en="Limit in percent instead of the figure"),
    "reason": Localised(it="Perché è nascosto o mascherato", en="Why it is hidden or masked"),
    "classes": Localised(it="Classi partecipanti", en="Classes taking part"),
    "schools": Localised(it="Scuole partecipanti", en="Schools taking part"),
    "missing": Localised(it="Quota senza risposta valida", en="Share without a valid answer"),
    "wording": Localised(it="Impronta delle domande", en="Fingerprint of the questions"),
    "policy": Localised(it="Versione delle regole di protezione", en="Version of the rules of protection"),
    "published_on": Localised(it="Pubblicato il", en="Published on"),
    "made_up": Localised(it="Dati dimostrativi", en="Made up for a demonstration"),
}

MEASURES: Mapping[Measure, Localised] = {
    Measure.PERCENT: Localised(it="Quota, da 0 a 1", en="Share, 0 to 1"),
    Measure.POINTS: Localised(it="Differenza di due quote, da -1 a 1", en="Difference of two shares, -1 to 1"),
    Measure.SCALE: Localised(it="Media su una scala", en="Mean on a scale"),
}
DIMENSIONS: Mapping[Dimension, Localised] = {
    Dimension.ALL: Localised(it="Tutti", en="All pupils"),
    Dimension.SEX: Localised(it="Per sesso", en="By sex"),
    Dimension.LEVEL: Localised(it="Per ordine di scuola", en="By level of school"),
    Dimension.GRADE: Localised(it="Per anno di corso", en="By grade"),
    Dimension.TRACK: Localised(it="Per tipo di scuola", en="By kind of school"),
    Dimension.SCHOOL: Localised(it="Per scuola", en="By school"),
    Dimension.SEX_GRADE: Localised(it="Per sesso e anno di corso", en="By sex and grade"),
    Dimension.MUNICIPALITY: Localised(it="Per comune", en="By municipality"),
    Dimension.CUBE: Localised(it="Incroci, perturbati", en="Crossings, perturbed"),
}
REASONS: Mapping[Reason, Localised] = {
    Reason.FEW_ANSWERS: Localised(it="Troppo poche risposte", en="Too few answers"),
    Reason.ONE_CLASS: Localised(it="Una sola classe", en="One class only"),
    Reason.ONE_SCHOOL: Localised(it="Una sola scuola", en="One school only"),
    Reason.COMPLEMENTARY: Localised(it="Rivelerebbe un altro valore", en="Would give another figure away"),
    Reason.SMALL_NUMBER: Localised(it="Quasi nessuno o quasi tutti", en="Almost nobody or almost everybody"),
    Reason.DIFFERENCE: Localised(it="Differisce troppo poco da un valore già pubblicato", en="Differs too little"),
}
# Columns with one of a few codes, which become numbers with labels where a format wants numbers.
CODED: Mapping[str, Mapping[str, Localised]] = {
    "measure": {str(code): words for code, words in MEASURES.items()},
    "dimension": {str(code): words for code, words in DIMENSIONS.items()},
    "reason": {str(code): words for code, words in REASONS.items()},
}
# User-missing codes where a format has them: outside of every scale.
HIDDEN, MASKED = -99.0, -98.0
MISSING: Mapping[float, Localised] = {
    HIDDEN: Localised(it="Non pubblicato", en="Not published"),
    MASKED: Localised(it="Solo un limite, vedi «masked»", en="Only a limit, see “masked”"),
}
