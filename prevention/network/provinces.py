"""The provinces of Italy: car-plate code, ISTAT code, name.

Source: ISTAT, "Codici statistici delle unità amministrative territoriali" (107 provinces and metropolitan cities, as
in force for the school year 2025/26, before the new Sardinian provinces); names checked against the 104 that occur in
the ministry's register of state schools 2025/26. The ministry's school *codes* begin with older signs (PS for Pesaro
e Urbino, FO for Forlì-Cesena, AP for Fermo, CA for Sud Sardegna), so a province is told from its name, never from the
first two letters of a school's code.
"""

from prevention.network.rules import Province

PROVINCES: tuple[Province, ...] = (
    Province(code="TO", istat_code="001", name="Torino"),
    Province(code="VC", istat_code="002", name="Vercelli"),
    Province(code="NO", istat_code="003", name="Novara"),
    Province(code="CN", istat_code="004", name="Cuneo"),
    Province(code="AT", istat_code="005", name="Asti"),
    Province(code="AL", istat_code="006", name="Alessandria"),
    Province(code="AO", istat_code="007", name="Valle d'Aosta"),
    Province(code="IM", istat_code="008", name="Imperia"),
    Province(code="SV", istat_code="009", name="Savona"),
    Province(code="GE", istat_code="010", name="Genova"),
    Province(code="SP", istat_code="011", name="La Spezia"),
    Province(code="VA", istat_code="012", name="Varese"),
    Province(code="CO", istat_code="013", name="Como"),
    Province(code="SO", istat_code="014", name="Sondrio"),
    Province(code="MI", istat_code="015", name="Milano"),
    Province(code="BG", istat_code="016", name="Bergamo"),
    Province(code="BS", istat_code="017", name="Brescia"),
    Province(code="PV", istat_code="018", name="Pavia"),
    Province(code="CR", istat_code="019", name="Cremona"),
    Province(code="MN", istat_code="020", name="Mantova"),
    Province(code="BZ", istat_code="021", name="Bolzano"),
    Province(code="TN", istat_code="022", name="Trento"),
    Province(code="VR", istat_code="023", name="Verona"),
    Province(code="VI", istat_code="024", name="Vicenza"),
    Province(code="BL", istat_code="025", name="Belluno"),
    Province(code="TV", istat_code="026", name="Treviso"),
    Province(code="VE", istat_code="027", name="Venezia"),
    Province(code="PD", istat_code="028", name="Padova"),
    Province(code="RO", istat_code="029", name="Rovigo"),
    Province(code="UD", istat_code="030", name="Udine"),
    Province(code="GO", istat_code="031", name="Gorizia"),
    Province(code="TS", istat_code="032", name="Trieste"),
    Province(code="PC", istat_code="033", name="Piacenza"),
    Province(code="PR", istat_code="034", name="Parma"),
    Province(code="RE", istat_code="035", name="Reggio Emilia"),
    Province(code="MO", istat_code="036", name="Modena"),
    Province(code="BO", istat_code="037", name="Bologna"),
    Province(code="FE", istat_code="038", name="Ferrara"),
    Province(code="RA", istat_code="039", name="Ravenna"),
    Province(code="FC", istat_code="040", name="Forlì-Cesena"),
    Province(code="PU", istat_code="041", name="Pesaro e Urbino"),
    Province(code="AN", istat_code="042", name="Ancona"),
    Province(code="MC", istat_code="043", name="Macerata"),
    Province(code="AP", istat_code="044", name="Ascoli Piceno"),
    Province(code="MS", istat_code="045", name="Massa-Carrara"),
    Province(code="LU", istat_code="046", name="Lucca"),
    Province(code="PT", istat_code="047", name="Pistoia"),
    Province(code="FI", istat_code="048", name="Firenze"),
    Province(code="LI", istat_code="049", name="Livorno"),
    Province(code="PI", istat_code="050", name="Pisa"),
    Province(code="AR", istat_code="051", name="Arezzo"),
    Province(code="SI", istat_code="052", name="Siena"),
    Province(code="GR", istat_code="053", name="Grosseto"),
    Province(code="PG", istat_code="054", name="Perugia"),
    Province(code="TR", istat_code="055", name="Terni"),
    Province(code="VT", istat_code="056", name="Viterbo"),
    Province(code="RI", istat_code="057", name="Rieti"),
    Province(code="RM", istat_code="058", name="Roma"),
    Province(code="LT", istat_code="059", name="Latina"),
    Province(code="FR", istat_code="060", name="Frosinone"),
    Province(code="CE", istat_code="061", name="Caserta"),
    Province(code="BN", istat_code="062", name="Benevento"),
    Province(code="NA", istat_code="063", name="Napoli"),
    Province(code="AV", istat_code="064", name="Avellino"),
    Province(code="SA", istat_code="065", name="Salerno"),
    Province(code="AQ", istat_code="066", name="L'Aquila"),
    Province(code="TE", istat_code="067", name="Teramo"),
    Province(code="PE", istat_code="068", name="Pescara"),
    Province(code="CH", istat_code="069", name="Chieti"),
    Province(code="CB", istat_code="070", name="Campobasso"),
    Province(code="FG", istat_code="071", name="Foggia"),
    Province(code="BA", istat_code="072", name="Bari"),
    Province(code="TA", istat_code="073", name="Taranto"),
    Province(code="BR", istat_code="074", name="Brindisi"),
    Province(code="LE", istat_code="075", name="Lecce"),
    Province(code="PZ", istat_code="076", name="Potenza"),
    Province(code="MT", istat_code="077", name="Matera"),
    Province(code="CS", istat_code="078", name="Cosenza"),
    Province(code="CZ", istat_code="079", name="Catanzaro"),
    Province(code="RC", istat_code="080", name="Reggio Calabria"),
    Province(code="TP", istat_code="081", name="Trapani"),
    Province(code="PA", istat_code="082", name="Palermo"),
    Province(code="ME", istat_code="083", name="Messina"),
    Province(code="AG", istat_code="084", name="Agrigento"),
    Province(code="CL", istat_code="085", name="Caltanissetta"),
    Province(code="EN", istat_code="086", name="Enna"),
    Province(code="CT", istat_code="087", name="Catania"),
    Province(code="RG", istat_code="088", name="Ragusa"),
    Province(code="SR", istat_code="089", name="Siracusa"),
    Province(code="SS", istat_code="090", name="Sassari"),
    Province(code="NU", istat_code="091", name="Nuoro"),
    Province(code="CA", istat_code="092", name="Cagliari"),
    Province(code="PN", istat_code="093", name="Pordenone"),
    Province(code="IS", istat_code="094", name="Isernia"),
    Province(code="OR", istat_code="095", name="Oristano"),
    Province(code="BI", istat_code="096", name="Biella"),
    Province(code="LC", istat_code="097", name="Lecco"),
    Province(code="LO", istat_code="098", name="Lodi"),
    Province(code="RN", istat_code="099", name="Rimini"),
    Province(code="PO", istat_code="100", name="Prato"),
    Province(code="KR", istat_code="101", name="Crotone"),
    Province(code="VV", istat_code="102", name="Vibo Valentia"),
    Province(code="VB", istat_code="103", name="Verbano-Cusio-Ossola"),
    Province(code="MB", istat_code="108", name="Monza e della Brianza"),
    Province(code="FM", istat_code="109", name="Fermo"),
    Province(code="BT", istat_code="110", name="Barletta-Andria-Trani"),
    Province(code="SU", istat_code="111", name="Sud Sardegna"),
)

_BY_CODE = {province.code: province for province in PROVINCES}
_BY_ISTAT_CODE = {province.istat_code: province for province in PROVINCES}
_BY_NAME = {province.ministry_name: province for province in PROVINCES}


def find_province(code_or_name: str) -> Province | None:
    """Find a province by its car-plate code ("CR") or its name in any letter case ("Cremona")."""
    text = code_or_name.strip().upper()
    return _BY_CODE.get(text) or _BY_NAME.get(text.replace("Ì", "I'"))


def province_of_istat_code(istat_code: str) -> Province | None:
    """Find the province of a municipality from its six-digit ISTAT code, whose first three digits say it."""
    return _BY_ISTAT_CODE.get(istat_code[:3])
