"""products.py - what "Linden & Loom" sells: the demo shop's catalogue, written for this project.

Products are (handle, title, type, tags, text, category, picture, options, variants, further
columns). A variant is (values of the options, price, compare-at price, cost, grams, pieces).
A picture is the name of a drawing in draw.py; where the first option is in COLOURS, each of
its values gets a picture of its own in that colour.
"""

COLOURS = {
    "Fog": "#b9c2c4", "Moss": "#6f7f57", "Rust": "#a9542f", "Oat": "#d9cbb0", "Slate": "#56616b",
    "Sand": "#d6c19c", "Ink": "#2f3b57", "Ochre": "#c7923e", "Plum": "#6d3f55", "Pine": "#2e5945",
    "Chalk": "#fffdf6", "Charcoal": "#3a3a3c", "Terracotta": "#b9683f", "Rose": "#c98d88",
    "Midnight blue": "#26355e", "Forest green": "#2b5a3e", "Burgundy": "#6e1f34", "Sepia": "#6b4a2b",
    "Peacock": "#1f6e75", "Black": "#2a2a2c",
}

HOME = "Home & Garden > "
OFFICE = "Office Supplies > "

PRODUCTS = [
    ("harbour-linen-tea-towel", "Harbour linen tea towel", "Kitchen linen", "linen, kitchen, gift under 25",
     "<p>A heavy linen tea towel with a herringbone weave. It dries glass without lint on the first day and gets "
     "softer with every wash.</p><ul><li>100 % European flax, 240 g/m²</li><li>50 × 70 cm, with a loop</li>"
     "<li>Wash at 60 °C</li></ul>",
     HOME + "Linens & Bedding > Kitchen Linens > Kitchen Towels", "towel", ("Colour",),
     [(("Fog",), 1400, None, 560, 130, 64), (("Moss",), 1400, None, 560, 130, 41),
      (("Rust",), 1400, None, 560, 130, 18)], {}),
    ("waffle-bath-towel", "Waffle bath towel", "Bath linen", "cotton, bath",
     "<p>Light, quick to dry and still thirsty: a waffle weave of long-staple cotton that takes half the room of a "
     "terry towel.</p><ul><li>100 % organic cotton</li><li>Hand 50 × 90 cm, bath 70 × 140 cm</li></ul>",
     HOME + "Linens & Bedding > Towels > Bath Towels & Washcloths", "stack", ("Colour", "Size"),
     [(("Oat", "Hand"), 1800, None, 700, 180, 30), (("Oat", "Bath"), 3400, None, 1350, 420, 22),
      (("Slate", "Hand"), 1800, None, 700, 180, 26), (("Slate", "Bath"), 3400, None, 1350, 420, 0)], {}),
    ("juniper-soy-candle", "Juniper soy candle", "Candles", "candle, scent, gift under 25",
     "<p>Juniper berry, cedar and a little smoke. Poured by hand into a stoneware cup that goes on as an egg cup or a "
     "pen pot.</p><ul><li>Soy wax, cotton wick</li><li>Small burns about 25 hours, large about 50</li></ul>",
     HOME + "Decor > Home Fragrances > Candles", "candle", ("Size",),
     [(("120 g",), 1600, None, 520, 310, 48), (("220 g",), 2600, 2900, 840, 560, 35)], {}),
    ("low-tide-mug", "Low Tide mug", "Tableware", "stoneware, kitchen, gift under 25",
     "<p>A wide stoneware mug with a raw foot and a thumb rest. Each is thrown by hand, so no two are quite the "
     "same.</p><ul><li>Holds 320 ml</li><li>Dishwasher and microwave safe</li></ul>",
     HOME + "Kitchen & Dining > Tableware > Drinkware > Mugs", "mug", ("Glaze",),
     [(("Sand",), 2200, None, 880, 380, 27), (("Ink",), 2200, None, 880, 380, 33),
      (("Moss",), 2200, None, 880, 380, 12)], {}),
    ("low-tide-bowl", "Low Tide bowl", "Tableware", "stoneware, kitchen",
     "<p>Deep enough for soup, wide enough for pasta. The glaze breaks to bare clay at the rim.</p>"
     "<ul><li>⌀ 19 cm, 900 ml</li><li>Dishwasher safe</li></ul>",
     HOME + "Kitchen & Dining > Tableware > Dinnerware > Bowls", "bowl", ("Glaze",),
     [(("Sand",), 2800, None, 1120, 640, 19), (("Ink",), 2800, None, 1120, 640, 21)], {}),
    ("oak-serving-board", "Oak serving board", "Kitchen", "wood, kitchen",
     "<p>One piece of oak from a storm-felled tree, oiled with linseed. The number on the back tells the parish it "
     "stood in.</p><ul><li>Small 30 × 18 cm, medium 42 × 22 cm, large 55 × 26 cm</li><li>Wash by hand</li></ul>",
     HOME + "Kitchen & Dining > Kitchen Tools & Utensils > Cutting Boards", "board", ("Size",),
     [(("Small",), 3200, None, 1300, 720, 14), (("Medium",), 4600, None, 1900, 1250, 11),
      (("Large",), 6400, None, 2700, 1980, 6)], {}),
    ("fell-wool-throw", "Fell wool throw", "Living", "wool, living",
     "<p>Woven from the wool of hill sheep that mostly goes to waste. Warm, a little springy, with a blanket-stitched "
     "edge.</p><ul><li>100 % new wool</li><li>130 × 180 cm</li><li>Air it; wash it seldom</li></ul>",
     HOME + "Linens & Bedding > Bedding > Blankets", "throw", ("Colour",),
     [(("Pine",), 11900, None, 5200, 1150, 9), (("Ochre",), 11900, None, 5200, 1150, 7),
      (("Charcoal",), 9900, 11900, 5200, 1150, 4)], {}),
    ("linen-cushion-cover", "Linen cushion cover", "Living", "linen, living",
     "<p>Washed linen with a hidden zip. Mix two colours: they were dyed to go together.</p>"
     "<ul><li>100 % linen</li><li>Wash at 40 °C</li><li>Filling not included</li></ul>",
     HOME + "Decor > Chair & Sofa Cushions", "cushion", ("Colour", "Size"),
     [((c, s), p, None, p * 2 // 5, g, n) for c, n in (("Chalk", 16), ("Terracotta", 11), ("Plum", 8), ("Pine", 13))
      for s, p, g in (("40 × 40 cm", 2900, 160), ("50 × 50 cm", 3600, 230))], {}),
    ("beeswax-wraps", "Beeswax wraps, set of three", "Kitchen", "kitchen, zero waste, gift under 25",
     "<p>Cotton, beeswax and tree resin: warm them in your hands and they close around a bowl, half a lemon or a "
     "sandwich. They last a year and then light the stove.</p>",
     HOME + "Kitchen & Dining > Food Storage > Food Wraps", "wraps", (),
     [((), 1700, None, 610, 90, 55)], {}),
    ("brass-watering-can", "Brass watering can", "Plants", "plants, brass",
     "<p>A long spout that reaches between leaves without a spill. The brass is left raw, so it takes on the colour of "
     "your windowsill.</p><ul><li>0.9 litres</li></ul>",
     HOME + "Lawn & Garden > Watering & Irrigation > Watering Cans", "can", (),
     [((), 5400, None, 2300, 640, 8)], {}),
    ("terracotta-planter", "Terracotta planter with saucer", "Plants", "plants, terracotta",
     "<p>Thick-walled and unglazed, so that roots can breathe. Fired hot enough to stay out in winter.</p>",
     HOME + "Lawn & Garden > Gardening > Pots & Planters", "planter", ("Diameter",),
     [(("12 cm",), 1200, None, 400, 620, 40), (("16 cm",), 1900, None, 640, 1180, 32),
      (("20 cm",), 2700, None, 930, 2050, 15)], {}),
    ("enamel-kettle", "Enamel kettle", "Kitchen", "kitchen, enamel",
     "<p>A kettle for any stove, induction too, with a whistle you can fold away early in the morning.</p>"
     "<ul><li>1.8 litres</li><li>Steel with enamel inside and out</li></ul>",
     HOME + "Kitchen & Dining > Cookware > Stovetop Kettles", "kettle", ("Colour",),
     [(("Chalk",), 5900, None, 2500, 1240, 10), (("Pine",), 5900, None, 2500, 1240, 6)], {}),
    ("thread-notebook-a5", "Thread notebook A5", "Notebooks", "paper, notebook, gift under 25",
     "<p>Sewn in sections, so it lies flat from the first page. 192 pages that fountain pens like: no feathering, "
     "hardly any ghosting.</p><ul><li>A5, 90 g/m², recycled</li><li>Numbered pages, two ribbons</li></ul>",
     OFFICE + "Paper Products > Notebooks & Notepads", "notebook", ("Colour", "Ruling"),
     [((c, r), 1900, None, 680, 320, n) for c, n in (("Ink", 44), ("Rust", 37), ("Moss", 29))
      for r in ("Dotted", "Lined", "Plain")], {}),
    ("pocket-notebooks", "Pocket notebooks, set of three", "Notebooks", "paper, notebook, gift under 25",
     "<p>Small enough for a shirt pocket, stitched with thread, with a dotted, a lined and a plain one in each "
     "set.</p><ul><li>9 × 14 cm, 48 pages each</li></ul>",
     OFFICE + "Paper Products > Notebooks & Notepads", "pocket", (),
     [((), 1200, None, 380, 130, 82)], {}),
    ("linden-fountain-pen", "Linden fountain pen", "Pens", "pen, writing",
     "<p>A piston filler with an ink window and a steel nib that can be changed in a minute. Turned from one rod, light "
     "enough to write with all day.</p><ul><li>Holds 1.2 ml</li><li>Nib ground and tested before it leaves</li></ul>",
     OFFICE + "Office Instruments > Writing & Drawing Instruments > Pens & Pencils > Fountain Pens", "pen",
     ("Colour", "Nib"),
     [((c, n), 7900, None, 3400, 28, q) for c, q in (("Black", 12), ("Forest green", 9))
      for n in ("Fine", "Medium", "Broad")], {}),
    ("bottled-ink", "Bottled ink", "Pens", "ink, writing, gift under 25",
     "<p>Dye inks that flow well and wash out of pens and most shirts. The bottle has a shelf for the last drops.</p>"
     "<ul><li>30 ml</li></ul>",
     OFFICE + "Office Instruments > Writing & Drawing Instruments > Pen Ink & Refills", "ink", ("Colour",),
     [(("Midnight blue",), 1100, None, 330, 140, 60), (("Forest green",), 1100, None, 330, 140, 45),
      (("Burgundy",), 1100, None, 330, 140, 38), (("Sepia",), 1100, None, 330, 140, 51),
      (("Peacock",), 1100, None, 330, 140, 0)],
     {"Unit price total measure": "30", "Unit price total measure unit": "ml", "Unit price base measure": "100",
      "Unit price base measure unit": "ml"}),
    ("felt-desk-pad", "Wool felt desk pad", "Desk", "wool, desk",
     "<p>Four millimetres of pressed wool under your hands: warm in the morning, quiet under a keyboard.</p>"
     "<ul><li>Small 60 × 30 cm, large 90 × 40 cm</li></ul>",
     OFFICE + "Desk Pads & Blotters", "pad", ("Colour", "Size"),
     [(("Charcoal", "Small"), 3500, None, 1400, 310, 17), (("Charcoal", "Large"), 4900, None, 2000, 610, 12),
      (("Oat", "Small"), 3500, None, 1400, 310, 15), (("Oat", "Large"), 4900, None, 2000, 610, 9)], {}),
    ("week-at-a-glance-pad", "Week at a glance pad", "Desk", "paper, desk, gift under 25",
     "<p>Fifty-four weeks to tear off, no dates printed, so none is wasted. A column for what may wait.</p>"
     "<ul><li>A4 landscape, 100 g/m²</li></ul>",
     OFFICE + "Filing & Organization > Calendars, Organizers & Planners", "planner", (),
     [((), 1500, None, 470, 360, 70)], {}),
    ("letter-writing-set", "Letter writing set", "Paper", "paper, writing, gift under 25",
     "<p>Twenty sheets with a deckle edge and ten lined envelopes, in a box that keeps the letters you get back.</p>",
     OFFICE + "Paper Products > Stationery", "letters", ("Colour",),
     [(("Chalk",), 2100, None, 760, 280, 25), (("Rose",), 2100, None, 760, 280, 19)], {}),
    ("washi-tape-meadow", "Washi tape, meadow set", "Paper", "paper, craft, gift under 25",
     "<p>Five rolls with grasses and seed heads from the field behind the workshop. Sticks, and lets go again.</p>"
     "<ul><li>Five rolls of 15 mm × 7 m</li></ul>",
     OFFICE + "General Supplies > Office Tape", "tape", (),
     [((), 1300, None, 420, 110, 58)], {}),
    ("graphite-pencils", "Graphite pencils, set of six", "Pens", "pencil, writing, gift under 25",
     "<p>2H to 6B in unpainted lime wood, the tree we are named after. Soft to sharpen, kind to the nose.</p>",
     OFFICE + "Office Instruments > Writing & Drawing Instruments > Pens & Pencils > Pencils", "pencils", (),
     [((), 900, None, 280, 60, 120)], {}),
    ("paper-scissors", "Paper scissors", "Desk", "desk, steel",
     "<p>Long blades for long cuts, forged in one piece and ground by hand. They can be sharpened for as long as you "
     "live.</p><ul><li>21 cm, carbon steel</li></ul>",
     OFFICE + "Office Instruments > Scissors", "scissors", (),
     [((), 3800, 4200, 1700, 140, 13)], {}),
    ("wax-seal-kit", "Wax seal kit", "Paper", "writing, craft, gift under 25",
     "<p>A brass seal on a beech handle and three sticks of wax that bend instead of breaking in the post.</p>",
     OFFICE + "General Supplies > Rubber Stamps", "seal", ("Motif",),
     [(("Leaf",), 2400, None, 900, 170, 22), (("Star",), 2400, None, 900, 170, 18), (("Key",), 2400, None, 900, 170, 5)],
     {}),
    ("gift-card", "Gift card", "Gift cards", "gift",
     "<p>Arrives by e-mail within a minute and does not expire. What is left over stays on the card.</p>",
     "Gift Cards", "card", ("Value",),
     [(("10 €",), 1000, None, None, 0, None), (("25 €",), 2500, None, None, 0, None),
      (("50 €",), 5000, None, None, 0, None), (("100 €",), 10000, None, None, 0, None)], {"Gift card": "TRUE"}),
    ("willow-wreath-kit", "Willow wreath kit", "Living", "craft, season",
     "<p>A ring of soaked willow, wire, a bag of what the hedge gives in autumn, and a sheet that shows how.</p>",
     HOME + "Decor > Wreaths & Garlands", "wreath", (),
     [((), 2900, None, 1200, 420, 0)], {"Status": "draft"}),
    ("paper-advent-calendar", "Paper advent calendar", "Paper", "paper, season, gift under 25",
     "<p>Twenty-four little houses to fold and fill. Made for one winter; the next one is being drawn.</p>",
     HOME + "Decor > Seasonal & Holiday Decorations", "calendar", (),
     [((), 1800, None, 620, 240, 3)], {"Status": "archived"}),
]
