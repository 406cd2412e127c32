"""From a closed wave to figures that may be printed.

Owns: the declared indicators, the cleaning rules, the sealed file of a wave, estimates with intervals,
disclosure control, and the ledger of what was published. Everything above reads published tables only
(`ledger`).

Is not: the intake of answers (`surveys`), charts or documents (`reports`), the open-data formats
(`opendata`).

The way of a figure, one file each:

1. `cleaning`    which records are kept, and why the others are not
2. `seal`        the kept records become one Parquet file that never changes, and a manifest
3. `catalogue`   what is asked of the records: indicators as data (`catalogue.toml`)
4. `engine`      turns records into totals per class, in one GROUP BY, on DuckDB or a Spark cluster (`engines`)
5. `domains`     totals per class become totals per cell: all, sex, level, grade, track, school
6. `estimates`   totals per class become an estimate with its interval
7. `disclosure`  decides what of a cell may be shown: each group by itself (`thresholds`), then all tables of all linked
                 indicators together (`linked`, `suppression`, `counts`; which are linked: `implication`), beside
                 everything that was published of the wave before (`memory`)
8. `tables`      builds the published tables; `ledger` keeps and reads them
9. `cube`        crosses sex, grade and kind of school for open data: counts perturbed by cell keys (`cellkeys`),
                  weighed beside all tables and released after them (`cube_release`)

Beside that way: `corrections` make a new seal of an old one; `wishes` test and publish one more table of a part of the
district (`populations`); `sensitivity` says what a cleaning rule does to the results; `research` makes record-level
files for analysts (`research_files` writes them, `research_service` hands them out); `seal_desk` shows the office what
came out of a sealed survey and for whom (`seal_views`).

Made of published tables alone: `trends` (a figure over the years; how far two figures lie apart), `benchmarks` (other
surveys beside ours), `profile` (risk and protection of a place). A programme's before and after has a way of its own,
because it speaks of those who took part: `panels` compares the two sealed files (`effects`; `attrition`: what those not
found again leave open), `panel_gate` decides what of each figure may be shown (`panel_bounds`: of the bounds),
`panel_links` what of all together, `panel_service` keeps it; `foresight` says beforehand what a survey can tell.

Three choices that shape the rest. The design is declared once and the variance needs only totals per class, so the main
pass is one GROUP BY that any engine can do. Disclosure control sees all tables of linked indicators together, because a
hidden cell is found by subtraction, not by looking at it. And what was once published counts for ever: a correction is
weighed against it, and a table that differs from it by one class is refused.

Declarations become narwhals expressions, not SQL of our own: the same text then runs on DuckDB and on Spark. It costs
0.2 s more for all indicators of 25,000 records (0.45 s instead of 0.24 s), and nothing that can be measured for one
prevalence of ten million (1.08 times a query written by hand).
"""
