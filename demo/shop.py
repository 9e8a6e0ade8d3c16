"""shop.py - what "Linden & Loom" says: collections, menus, pages, journal, policies, in several languages."""

NAME = "Linden & Loom"
ABOUT = "Linen, stoneware, paper and ink from a small workshop by a canal."

# handle, title, text, rule (None: HOME_PRODUCTS), scene, {locale: (title, text)}
COLLECTIONS = [
    ("frontpage", "Things that get better with use",
     "<p>Linen that softens, brass that darkens, paper that takes ink. Made in small runs, mended for life.</p>",
     None, "home", {
         "uk": ("Речі, що з часом стають кращими",
                "<p>Льон, що м’якшає, латунь, що темнішає, папір, що любить чорнило. Малі партії, ремонт назавжди.</p>"),
         "ru": ("Вещи, которые со временем становятся лучше",
                "<p>Лён, который мягчеет, латунь, которая темнеет, бумага, которая любит чернила. Малые партии, ремонт навсегда.</p>"),
         "tr": ("Kullandıkça güzelleşen şeyler",
                "<p>Yumuşayan keten, koyulaşan pirinç, mürekkebi seven kâğıt. Az sayıda üretilir, ömür boyu onarılır.</p>"),
         "nl": ("Dingen die mooier worden door gebruik",
                "<p>Linnen dat zachter wordt, messing dat donkert, papier dat inkt lust. In kleine oplagen gemaakt, voor altijd te repareren.</p>"),
         "zh": ("越用越好的物件", "<p>越洗越软的亚麻，渐渐变深的黄铜，留得住墨的纸。小批制作，终身修补。</p>"),
     }),
    ("kitchen-and-table", "Kitchen & table", "<p>Stoneware, oak and linen for every day.</p>",
     {"type": {"$in": ["Kitchen", "Tableware", "Kitchen linen"]}}, "kitchen", {
         "uk": ("Кухня і стіл", "<p>Кераміка, дуб і льон на щодень.</p>"),
         "ru": ("Кухня и стол", "<p>Керамика, дуб и лён на каждый день.</p>"),
         "tr": ("Mutfak ve sofra", "<p>Her gün için seramik, meşe ve keten.</p>"),
         "nl": ("Keuken & tafel", "<p>Aardewerk, eiken en linnen voor elke dag.</p>"),
         "zh": ("厨房与餐桌", "<p>日常所用的陶器、橡木与亚麻。</p>")}),
    ("living", "Living", "<p>Wool, scent and green for the rooms you stay in.</p>",
     {"type": {"$in": ["Living", "Candles", "Plants", "Bath linen"]}}, None, {
         "uk": ("Оселя", "<p>Вовна, аромат і зелень для ваших кімнат.</p>"),
         "ru": ("Дом", "<p>Шерсть, аромат и зелень для ваших комнат.</p>"),
         "tr": ("Yaşam", "<p>Oturduğunuz odalar için yün, koku ve yeşil.</p>"),
         "nl": ("Wonen", "<p>Wol, geur en groen voor de kamers waar u graag bent.</p>"),
         "zh": ("居室", "<p>为常住的房间准备的羊毛、香气与绿意。</p>")}),
    ("paper-and-ink", "Paper & ink", "<p>Notebooks that lie flat, and what to fill them with.</p>",
     {"type": {"$in": ["Notebooks", "Pens", "Desk", "Paper"]}}, "desk", {
         "uk": ("Папір і чорнило", "<p>Нотатники, що лежать рівно, і те, чим їх заповнити.</p>"),
         "ru": ("Бумага и чернила", "<p>Блокноты, которые лежат ровно, и то, чем их заполнить.</p>"),
         "tr": ("Kâğıt ve mürekkep", "<p>Düz açılan defterler ve onları dolduracaklar.</p>"),
         "nl": ("Papier & inkt", "<p>Notitieboeken die plat liggen, en waar u ze mee vult.</p>"),
         "zh": ("纸与墨", "<p>能摊平的笔记本，以及书写所需的一切。</p>")}),
    ("gifts-under-25", "Gifts under €25", "<p>Small things, well made.</p>",
     {"tags": {"$in": ["gift under 25"]}}, None, {
         "uk": ("Подарунки до 25 €", "<p>Малі речі, зроблені добре.</p>"),
         "ru": ("Подарки до 25 €", "<p>Маленькие вещи, сделанные хорошо.</p>"),
         "tr": ("25 €’nun altında hediyeler", "<p>Küçük ama özenle yapılmış.</p>"),
         "nl": ("Cadeaus onder € 25", "<p>Kleine dingen, goed gemaakt.</p>"),
         "zh": ("25 欧以内的礼物", "<p>小而精的物件。</p>")}),
]
HOME_PRODUCTS = ["fell-wool-throw", "low-tide-mug", "thread-notebook-a5", "linen-cushion-cover", "enamel-kettle",
                 "bottled-ink", "terracotta-planter", "oak-serving-board"]

PAGES = [
    ("about", "About us",
     "<p>Linden & Loom began in 2016 with one loom and a borrowed kiln. We are nine people now, and still in the same "
     "brick building by the canal.</p><h2>How we work</h2><p>Everything is made in runs of fifty to two hundred. When it "
     "is gone, it is gone, until the next run. What breaks we mend: write to us, and tell us what happened.</p>"
     "<h2>What it is made of</h2><ul><li>Flax from Normandy and Flanders, woven here</li><li>Stoneware clay from the "
     "Westerwald</li><li>Oak from storm-felled trees</li><li>Paper from a mill that runs on its own river</li></ul>",
     {"uk": "Про нас", "ru": "О нас", "tr": "Hakkımızda", "nl": "Over ons", "zh": "关于我们"}),
    ("care", "Care and mending",
     "<p>Linen: wash at 40 °C, dry on the line, iron damp or not at all. Wool: air it, wash it seldom. Brass and bare "
     "clay change with you; let them.</p><h2>Mending</h2><p>Send us a picture of what broke. Most repairs cost the "
     "postage.</p>",
     {"uk": "Догляд і ремонт", "ru": "Уход и ремонт", "tr": "Bakım ve onarım", "nl": "Verzorging en herstel", "zh": "保养与修补"}),
]

JOURNAL = ("journal", "Journal", {"uk": "Журнал", "ru": "Журнал", "tr": "Günlük", "nl": "Journaal", "zh": "手记"})
ARTICLES = [
    ("a-desk-for-one-hour", "A desk for one hour", "Ida", "desk",
     "Clear it, set out four things, and write until the kettle boils twice.",
     "<p>You do not need a study. You need a table that is yours for an hour, and four things on it.</p>"
     "<h2>One notebook</h2><p>Open it flat. If it will not lie flat, it is not on your side.</p><h2>One pen, filled</h2>"
     "<p>Fill it before you sit down; ink is not an excuse.</p><h2>A week on one sheet</h2><p>So that what you must not "
     "forget is out of your head and in front of you.</p><h2>Something warm</h2><p>It goes cold in twenty minutes. That "
     "is how you know the time.</p>"),
    ("the-board-and-the-storm", "The board and the storm", "Tom", "kitchen",
     "Every oak board carries the number of a parish. This is why.",
     "<p>In the storms of two winters ago the parishes along the river lost some four hundred oaks. We buy what the "
     "sawmill cannot use for beams: crooked, knotty, beautiful.</p><p>The number on the back of your board is the parish "
     "that the tree stood in. Write to us and we will tell you which.</p>"),
]

POLICIES = [
    ("shipping", "Delivery", "<p>We post on working days. Orders before 14:00 leave the same day.</p><ul><li>Within the "
     "country: 1 to 2 working days</li><li>European Union: 3 to 6 working days</li></ul>",
     {"uk": "Доставка", "ru": "Доставка", "tr": "Teslimat", "nl": "Bezorging", "zh": "配送"}),
    ("returns", "Returns", "<p>You may send anything back within 30 days, unused, and we refund it within a week of its "
     "arrival. Returns are free within the country.</p>",
     {"uk": "Повернення", "ru": "Возврат", "tr": "İade", "nl": "Retourneren", "zh": "退货"}),
    ("privacy", "Privacy", "<p>We keep what we need to send you your order, and nothing else unless you agree.</p>",
     {"uk": "Конфіденційність", "ru": "Конфиденциальность", "tr": "Gizlilik", "nl": "Privacy", "zh": "隐私"}),
    ("terms", "Terms of sale", "<p>Prices include tax. The contract is made when we confirm your order.</p>",
     {"uk": "Умови продажу", "ru": "Условия продажи", "tr": "Satış koşulları", "nl": "Verkoopvoorwaarden", "zh": "销售条款"}),
]

# title, what it leads to (kind, handle or kind of policy or address), links below it
MAIN_MENU = [
    ("Kitchen & table", ("collection", "kitchen-and-table"), [
        ("Low Tide stoneware", ("url", "/search?q=low+tide")), ("Boards", ("product", "oak-serving-board")),
        ("Linen", ("url", "/search?q=linen")), ("Kettles", ("product", "enamel-kettle"))]),
    ("Living", ("collection", "living"), []),
    ("Paper & ink", ("collection", "paper-and-ink"), [
        ("Notebooks", ("url", "/search?q=notebook")), ("Pens", ("product", "linden-fountain-pen")),
        ("Ink", ("product", "bottled-ink")), ("For letters", ("product", "letter-writing-set"))]),
    ("Gifts", ("collection", "gifts-under-25"), []),
    ("Journal", ("blog", "journal"), []),
]
FOOTER_MENU = [("About us", ("page", "about"), []), ("Care and mending", ("page", "care"), []),
               ("Journal", ("blog", "journal"), []), ("Gift card", ("product", "gift-card"), [])]
ANNOUNCEMENT = [("Made in small runs, mended for life", ("page", "care"), [])]
WORDS = {  # titles of links
    "Kitchen & table": {"uk": "Кухня і стіл", "ru": "Кухня и стол", "tr": "Mutfak ve sofra", "nl": "Keuken & tafel", "zh": "厨房与餐桌"},
    "Living": {"uk": "Оселя", "ru": "Дом", "tr": "Yaşam", "nl": "Wonen", "zh": "居室"},
    "Paper & ink": {"uk": "Папір і чорнило", "ru": "Бумага и чернила", "tr": "Kâğıt ve mürekkep", "nl": "Papier & inkt", "zh": "纸与墨"},
    "Gifts": {"uk": "Подарунки", "ru": "Подарки", "tr": "Hediyeler", "nl": "Cadeaus", "zh": "礼物"},
    "Journal": {"uk": "Журнал", "ru": "Журнал", "tr": "Günlük", "nl": "Journaal", "zh": "手记"},
    "About us": {"uk": "Про нас", "ru": "О нас", "tr": "Hakkımızda", "nl": "Over ons", "zh": "关于我们"},
    "Care and mending": {"uk": "Догляд і ремонт", "ru": "Уход и ремонт", "tr": "Bakım ve onarım", "nl": "Verzorging en herstel", "zh": "保养与修补"},
    "Gift card": {"uk": "Подарункова картка", "ru": "Подарочная карта", "tr": "Hediye kartı", "nl": "Cadeaukaart", "zh": "礼品卡"},
    "Made in small runs, mended for life": {
        "uk": "Малі партії, ремонт назавжди", "ru": "Малые партии, ремонт навсегда",
        "tr": "Az sayıda üretilir, ömür boyu onarılır", "nl": "In kleine oplagen gemaakt, voor altijd te repareren",
        "zh": "小批制作，终身修补"},
    "Low Tide stoneware": {"uk": "Кераміка Low Tide", "ru": "Керамика Low Tide", "tr": "Low Tide seramik", "nl": "Low Tide-aardewerk", "zh": "Low Tide 陶器"},
    "Boards": {"uk": "Дошки", "ru": "Доски", "tr": "Sunum tahtaları", "nl": "Planken", "zh": "木砧板"},
    "Linen": {"uk": "Льон", "ru": "Лён", "tr": "Keten", "nl": "Linnen", "zh": "亚麻"},
    "Kettles": {"uk": "Чайники", "ru": "Чайники", "tr": "Çaydanlıklar", "nl": "Ketels", "zh": "水壶"},
    "Notebooks": {"uk": "Нотатники", "ru": "Блокноты", "tr": "Defterler", "nl": "Notitieboeken", "zh": "笔记本"},
    "Pens": {"uk": "Ручки", "ru": "Ручки", "tr": "Kalemler", "nl": "Pennen", "zh": "钢笔"},
    "Ink": {"uk": "Чорнило", "ru": "Чернила", "tr": "Mürekkep", "nl": "Inkt", "zh": "墨水"},
    "For letters": {"uk": "Для листів", "ru": "Для писем", "tr": "Mektuplar için", "nl": "Voor brieven", "zh": "写信"},
}

# Where everything lies, and where it can be fetched.
WORKSHOP = {"name": "Workshop", "kind": "shop", "pickup": True, "address1": "Oudegracht 12", "postal": "3511 AM", "city": "Utrecht",
            "country": "NL", "time_zone": "Europe/Amsterdam"}

# --- how things get to people: name, countries; ways: name, words, kind, cents, free from, days on the road -----

STANDARD = {"uk": ("Стандартна доставка", "До дверей"), "ru": ("Обычная доставка", "До двери"),
            "tr": ("Standart teslimat", "Kapınıza kadar"), "nl": ("Standaardbezorging", "Tot aan uw deur"),
            "zh": ("标准配送", "送货上门")}
ZONES = [
    ("Netherlands", ["NL"], [
        ("Standard delivery", "With PostNL, to your door", "standard", 495, 7500, (1, 2), {
            "uk": ("Стандартна доставка", "PostNL, до дверей"), "ru": ("Обычная доставка", "PostNL, до двери"),
            "tr": ("Standart teslimat", "PostNL ile kapınıza kadar"), "nl": ("Standaardbezorging", "Met PostNL, tot aan uw deur"),
            "zh": ("标准配送", "由 PostNL 送货上门")}),
        ("Express", "The next working day, before noon", "express", 995, 0, (1, 1), {
            "uk": ("Експрес", "Наступного робочого дня до полудня"), "ru": ("Экспресс", "На следующий рабочий день до полудня"),
            "tr": ("Hızlı teslimat", "Ertesi iş günü öğleden önce"), "nl": ("Express", "De volgende werkdag, vóór de middag"),
            "zh": ("快递", "下一个工作日中午前送达")}),
        ("Fetch it in Utrecht", "Our workshop, Oudegracht 12", "pickup", 0, 0, (0, 0), {
            "uk": ("Забрати в Утрехті", "Наша майстерня, Oudegracht 12"), "ru": ("Забрать в Утрехте", "Наша мастерская, Oudegracht 12"),
            "tr": ("Utrecht’ten teslim al", "Atölyemiz, Oudegracht 12"), "nl": ("Afhalen in Utrecht", "Onze werkplaats, Oudegracht 12"),
            "zh": ("在乌得勒支自取", "我们的工坊，Oudegracht 12")})]),
    ("Europe", ["DE", "BE", "FR", "AT", "LU", "DK", "IE", "ES", "IT", "PL"], [
        ("Standard delivery", "To your door", "standard", 895, 12000, (2, 5), STANDARD)]),
    ("Further away", ["GB", "CH", "UA", "TR", "US", "CN", "NO"], [
        ("Parcel post", "Tracked all the way; duties may be asked for", "standard", 1895, 0, (5, 12), {
            "uk": ("Поштова посилка", "З відстеженням; можливе мито"), "ru": ("Почтовая посылка", "С отслеживанием; возможна пошлина"),
            "tr": ("Posta kolisi", "Yol boyunca takipli; gümrük vergisi istenebilir"),
            "nl": ("Pakketpost", "Overal te volgen; er kunnen invoerrechten bij komen"), "zh": ("邮政包裹", "全程可追踪；可能需缴关税")})]),
]

PROMOTIONS = [
    ({"title": "Ten percent off", "kind": "percent", "target": "order", "percent_ppm": 100000, "automatic": False,
      "limit_per_customer": 1}, ["WELCOME10"],
     {"uk": "Знижка десять відсотків", "ru": "Скидка десять процентов", "tr": "Yüzde on indirim", "nl": "Tien procent korting", "zh": "九折优惠"}),
    ({"title": "Free delivery", "kind": "delivery", "automatic": False}, ["FREESHIP"],
     {"uk": "Безкоштовна доставка", "ru": "Бесплатная доставка", "tr": "Ücretsiz teslimat", "nl": "Gratis bezorging", "zh": "免运费"}),
    ({"title": "Three for two: candles and paper", "kind": "cheapest", "automatic": True, "buy_qty": 3, "get_qty": 1,
      "buys": {"types": ["Candles", "Paper"]}}, [],
     {"uk": "Три за ціною двох: свічки й папір", "ru": "Три по цене двух: свечи и бумага", "tr": "Üç al iki öde: mumlar ve kâğıt",
      "nl": "Drie voor twee: kaarsen en papier", "zh": "买二送一：蜡烛与纸品"}),
    ({"title": "€10 off from €100", "kind": "fixed", "target": "order", "automatic": True,
      "amounts": [{"amount": 1000, "currency": "EUR"}], "min_amounts": [{"amount": 10000, "currency": "EUR"}]}, [],
     {"uk": "Знижка 10 € від 100 €", "ru": "Скидка 10 € от 100 €", "tr": "100 €’dan itibaren 10 € indirim",
      "nl": "€ 10 korting vanaf € 100", "zh": "满 100 欧减 10 欧"}),
]
