"""draw.py - the demo shop's product pictures: flat drawings, 4:5, one function per thing."""

GROUND = "#f4f0e8"


def shade(colour, by):
    """The colour lighter (by > 0) or darker (by < 0), by a share of the way to white or black."""
    parts = [int(colour[i:i + 2], 16) for i in (1, 3, 5)]
    aim = 255 if by > 0 else 0
    return "#" + "".join(f"{round(p + (aim - p) * abs(by)):02x}" for p in parts)


def rect(x, y, w, h, fill, r=0, more=""):
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}" {more}/>'


def path(d, fill="none", more=""):
    return f'<path d="{d}" fill="{fill}" {more}/>'


def line(d, colour, width):
    return path(d, more=f'stroke="{colour}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"')


def ellipse(x, y, rx, ry, fill, more=""):
    return f'<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" fill="{fill}" {more}/>'


def shadow(x, y, rx, ry=14):
    return ellipse(x, y, rx, ry, "#3b2f20", 'opacity=".16"')


def towel(c):
    stripes = "".join(rect(112, y, 176, 5, shade(c, .45)) for y in (330, 344, 358))
    weave = "".join(line(f"M112 {y} l176 -26", shade(c, -.08), 1.5) for y in range(140, 330, 16))
    return (rect(70, 96, 260, 12, "#8a6a45", 6) + path("M112 108 h176 v288 q-44 12 -88 0 t-88 0 z", c) + weave + stripes
            + path("M112 108 h60 v288 q-30 8 -60 0 z", shade(c, -.06), 'opacity=".5"'))


def stack(c):
    out = shadow(200, 392, 130)
    for i, y in enumerate((330, 276, 222)):
        tint = shade(c, .12 * i)
        out += rect(86, y, 228, 56, tint, 26)
        out += "".join(line(f"M{x} {y + 8} v40", shade(tint, -.1), 2) for x in range(112, 296, 18))
        out += line(f"M96 {y + 28} h208", shade(tint, -.16), 2)
    return out


def candle(c):
    return (shadow(200, 396, 92) + path("M200 150 q26 36 0 58 q-26 -22 0 -58 z", "#e9a23b")
            + path("M200 172 q12 18 0 30 q-12 -12 0 -30 z", "#fbe3a2") + line("M200 206 v22", "#4a3b2c", 4)
            + path("M116 228 h168 l-12 166 q-72 12 -144 0 z", "#c9c0b1") + ellipse(200, 228, 84, 16, "#efe7d6")
            + rect(148, 290, 104, 56, "#fbf8f1", 3) + line("M164 310 h72 M164 326 h46", "#8b8577", 4))


def mug(c):
    return (shadow(190, 398, 108) + path("M274 236 q72 -6 66 56 q-6 56 -84 52", "none",
                                         f'stroke="{shade(c, -.12)}" stroke-width="22" stroke-linecap="round"')
            + path("M98 196 h184 q2 150 -28 190 q-64 18 -128 0 q-30 -40 -28 -190 z", c)
            + path("M124 376 q66 22 132 0 l-6 18 q-60 12 -120 0 z", "#cdb79a")
            + ellipse(190, 196, 92, 18, shade(c, -.3)) + path("M112 216 q6 110 24 150", "none",
                                                              f'stroke="{shade(c, .3)}" stroke-width="7" opacity=".7"'))


def bowl(c):
    return (shadow(200, 392, 96) + path("M68 250 h264 q-6 104 -84 134 h-96 q-78 -30 -84 -134 z", c)
            + path("M150 380 h100 l-8 16 h-84 z", "#cdb79a") + ellipse(200, 250, 132, 26, shade(c, -.25))
            + ellipse(200, 252, 118, 20, shade(c, .25)))


def board(c):
    grain = "".join(line(f"M{x} 190 q{d} 110 0 220", "#b98a57", 2.5) for x, d in ((150, 10), (182, -8), (216, 6), (250, -10)))
    return (shadow(206, 428, 96) + rect(118, 166, 164, 260, "#c99a63", 22) + rect(176, 80, 48, 110, "#c99a63", 22)
            + grain + ellipse(200, 104, 11, 11, GROUND))


def throw(c):
    checks = "".join(rect(x, 140, 12, 220, shade(c, .22), 0, 'opacity=".7"') for x in range(104, 300, 44))
    checks += "".join(rect(84, y, 232, 12, shade(c, .22), 0, 'opacity=".7"') for y in range(160, 350, 44))
    fringe = "".join(line(f"M{x} 360 v26", shade(c, -.1), 4) for x in range(90, 316, 14))
    return shadow(200, 398, 134) + fringe + rect(84, 140, 232, 222, c, 10) + checks + path("M84 140 h116 v222 h-116 z", "#000", 'opacity=".07"')


def cushion(c):
    return (shadow(200, 386, 124) + path("M92 156 q108 26 216 0 q-24 108 0 216 q-108 -26 -216 0 q24 -108 0 -216 z", c)
            + path("M112 176 q88 18 176 0", "none", f'stroke="{shade(c, .35)}" stroke-width="3" stroke-dasharray="7 6"')
            + path("M112 352 q88 -18 176 0", "none", f'stroke="{shade(c, .35)}" stroke-width="3" stroke-dasharray="7 6"'))


def wraps(c):
    out = shadow(200, 392, 116)
    for i, tint in enumerate(("#d8b24c", "#7f9a6b", "#c47a4f")):
        x, y = 96 + 22 * i, 176 + 34 * i
        out += rect(x, y, 164, 150, tint, 8)
        out += "".join(f'<circle cx="{x + 26 + 38 * a}" cy="{y + 26 + 34 * b}" r="7" fill="{shade(tint, .45)}"/>'
                       for a in range(4) for b in range(4))
    return out


def can(c):
    return (shadow(214, 398, 106) + line("M262 300 q-10 -130 -92 -140 q-48 -4 -110 66", "#b98a3a", 13)
            + path("M154 254 h132 l14 140 q-80 16 -160 0 z", "#c99a45") + ellipse(220, 254, 66, 13, "#8f6a26")
            + line("M292 274 q66 10 24 100", "#b98a3a", 11) + path("M170 276 l-8 104", "none", 'stroke="#e6c47d" stroke-width="8" stroke-linecap="round"'))


def planter(c):
    leaves = "".join(f'<g transform="rotate({a} 200 256)">' + path("M200 258 q-30 -70 0 -142 q30 72 0 142 z", t) + "</g>"
                     for a, t in ((-46, "#47704c"), (-20, "#5a8a5c"), (10, "#47704c"), (38, "#6a9a69")))
    return (shadow(200, 412, 112) + leaves + path("M118 286 h164 l-22 112 h-120 z", "#b9683f")
            + rect(108, 254, 184, 36, "#c57649", 5) + rect(112, 396, 176, 14, "#a85a34", 7))


def kettle(c):
    return (shadow(200, 396, 124) + line("M124 226 q76 -128 152 0", "#5a4330", 13)
            + path("M292 286 q40 -10 54 -62 l16 6 q-4 74 -62 106 z", shade(c, -.1))
            + path("M92 392 q-14 -160 108 -160 q122 0 108 160 q-108 20 -216 0 z", c)
            + ellipse(200, 236, 56, 12, shade(c, -.15)) + ellipse(200, 222, 13, 13, "#5a4330")
            + path("M116 290 q8 -30 34 -40", "none", f'stroke="{shade(c, .5)}" stroke-width="8" stroke-linecap="round"'))


def notebook(c):
    return (shadow(206, 408, 112) + rect(112, 116, 192, 286, "#efe9dc", 6) + rect(104, 110, 192, 290, c, 8)
            + rect(104, 110, 26, 290, shade(c, -.2), 6) + rect(160, 164, 100, 54, "#f6f1e6", 3)
            + line("M174 184 h72 M174 200 h44", shade(c, -.1), 3) + rect(236, 396, 7, 44, "#b9683f") + rect(250, 396, 7, 32, "#c7923e"))


def pocket(c):
    out = shadow(206, 404, 110)
    for x, y, a, t in ((84, 150, -9, "#6f7f57"), (140, 138, 2, "#2f3b57"), (196, 146, 12, "#a9542f")):
        out += f'<g transform="rotate({a} {x + 60} {y + 120})">' + rect(x, y, 128, 226, t, 6)
        out += "".join(line(f"M{x + 8} {y + k} v18", shade(t, .5), 2.5) for k in range(24, 210, 32)) + "</g>"
    return out


def pen(c):
    return ('<g transform="rotate(-38 200 256)">' + ellipse(212, 300, 190, 9, "#3b2f20", 'opacity=".13"')
            + rect(38, 236, 150, 34, c, 15) + rect(182, 238, 112, 30, shade(c, .12), 8)
            + rect(176, 234, 12, 38, "#c9a24b", 3) + rect(56, 226, 96, 8, "#c9a24b", 4)
            + path("M294 240 l62 13 l-62 13 z", "#d8d4ca") + line("M300 253 h44", "#7d786c", 2.5) + "</g>")


def ink(c):
    return (shadow(200, 398, 106) + rect(150, 168, 100, 54, "#2c2a28", 7) + rect(160, 218, 80, 20, "#dfe4e2", 2)
            + path("M106 250 q0 -18 18 -18 h152 q18 0 18 18 v126 q0 18 -18 18 h-152 q-18 0 -18 -18 z", "#dfe4e2")
            + path("M118 282 h164 v92 q0 10 -10 10 h-144 q-10 0 -10 -10 z", c) + rect(142, 300, 116, 58, "#fbf8f1", 3)
            + line("M158 320 h84 M158 338 h52", c, 4))


def pad(c):
    return (shadow(200, 366, 150) + path("M74 216 h252 l34 140 h-320 z", c)
            + "".join(f'<circle cx="{70 + (i * 53) % 262}" cy="{226 + (i * 37) % 122}" r="1.6" fill="{shade(c, .4)}"/>' for i in range(60))
            + path("M142 250 h116 l10 44 h-136 z", "#efe9dc") + line("M282 330 l40 -84", "#c99a63", 8))


def planner(c):
    rows = "".join(line(f"M{x} 236 v120", "#cfc6b4", 2.5) for x in range(124, 320, 44))
    return (shadow(200, 392, 134) + rect(72, 156, 256, 230, "#e4dbc9", 4) + rect(72, 150, 256, 226, "#fdfaf3", 4)
            + rect(72, 150, 256, 34, "#2e5945", 4) + rows + line("M88 214 h224 M88 236 h224", "#cfc6b4", 2.5)
            + line("M92 256 h22 M136 276 h24 M180 256 h26 M224 300 h22 M268 262 h26", "#b9683f", 5))


def letters(c):
    return (shadow(200, 396, 128) + rect(118, 112, 164, 220, "#fdfaf3", 2, 'transform="rotate(-5 200 222)"')
            + line("M146 160 h104 M144 182 h92 M142 204 h106", "#b5ad9d", 3) + rect(78, 230, 244, 158, c, 5)
            + path("M78 236 l122 92 l122 -92", "none", f'stroke="{shade(c, -.16)}" stroke-width="4"')
            + ellipse(200, 326, 22, 22, "#8e2f2a") + ellipse(200, 326, 14, 14, "#a8413a"))


def tape(c):
    out = shadow(200, 398, 122)
    for x, y, t in ((112, 222, "#c7923e"), (200, 190, "#6f7f57"), (288, 222, "#c98d88"), (152, 320, "#7c93a8"), (248, 320, "#b9683f")):
        out += ellipse(x, y, 50, 50, t) + ellipse(x, y, 38, 38, shade(t, .3)) + ellipse(x, y, 26, 26, GROUND)
    return out


def pencils(c):
    out = shadow(200, 406, 112)
    for i in range(6):
        x = 106 + 33 * i
        out += rect(x, 190, 24, 210, "#dcb983") + rect(x + 16, 190, 8, 210, "#c9a268")
        out += path(f"M{x} 190 l12 -44 l12 44 z", "#f0dcb8") + path(f"M{x + 8} 162 l4 -16 l4 16 z", "#3a3a3c")
        out += rect(x, 374, 24, 12, "#2e5945")
    return out


def scissors(c):
    return (shadow(206, 414, 92, 10) + path("M192 262 l-48 -176 q26 18 66 166 z", "#a9adb0") + path("M208 262 l48 -176 q-26 18 -66 166 z", "#c3c7c9")
            + ellipse(200, 258, 9, 9, "#6c7073")
            + ellipse(152, 344, 32, 50, "none", 'stroke="#2a2a2c" stroke-width="17" transform="rotate(14 152 344)"')
            + ellipse(248, 344, 32, 50, "none", 'stroke="#2a2a2c" stroke-width="17" transform="rotate(-14 248 344)"')
            + line("M192 264 l-22 36 M208 264 l22 36", "#2a2a2c", 15))


def seal(c):
    return (shadow(180, 398, 106) + path("M150 140 q30 -30 60 0 q14 60 -8 110 h-44 q-22 -50 -8 -110 z", "#c99a63")
            + rect(150, 248, 60, 44, "#c9a24b", 4) + rect(140, 288, 80, 16, "#b08a35", 4)
            + ellipse(180, 372, 78, 22, "#8e2f2a") + ellipse(180, 366, 56, 13, "#a8413a")
            + "".join(rect(262 + 26 * i, 232, 18, 150, t, 5) for i, t in enumerate(("#8e2f2a", "#2e5945", "#2f3b57"))))


def card(c):
    return (shadow(200, 356, 136) + rect(66, 166, 268, 176, "#2e5945", 14) + rect(66, 240, 268, 24, "#c7923e")
            + rect(186, 166, 24, 176, "#c7923e") + path("M198 240 q-70 -66 -56 -10 q8 20 56 10 q70 -66 56 -10 q-8 20 -56 10", "none",
                                                         'stroke="#e3b866" stroke-width="12"'))


def wreath(c):
    twigs = "".join(ellipse(200, 256, 106 + d, 104 - d, "none", f'stroke="{t}" stroke-width="7" transform="rotate({a} 200 256)"')
                    for d, a, t in ((0, 0, "#8a6a45"), (7, 24, "#a17f55"), (-6, 50, "#75572f"), (4, 80, "#9a7748")))
    leaves = "".join(f'<g transform="rotate({a} 200 256)">' + path("M200 148 q-20 -24 0 -50 q20 26 0 50 z", t) + "</g>"
                     for a, t in zip(range(110, 260, 15), ("#6f7f57", "#a9542f", "#c7923e") * 4))
    return twigs + leaves + "".join(f'<circle cx="{x}" cy="{y}" r="8" fill="#8e2f2a"/>' for x, y in ((150, 352), (204, 366), (248, 346)))


def calendar(c):
    out = shadow(200, 398, 140)
    for i, t in enumerate(("#2f3b57", "#a9542f", "#6f7f57", "#d9cbb0", "#6d3f55", "#c7923e", "#56616b", "#2e5945")):
        x, y = 82 + 62 * (i % 4), 200 + 108 * (i // 4)
        out += rect(x, y, 50, 80, t) + path(f"M{x - 5} {y} l30 -38 l30 38 z", shade(t, -.25))
        out += rect(x + 17, y + 28, 16, 20, "#fbe3a2")
    return out


def picture(name, colour):
    """The drawing as an SVG document."""
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="28 36 344 430" width="960" height="1200">'
            f'<rect width="400" height="500" fill="{GROUND}"/>{globals()[name](colour)}</svg>')


# --- scenes: several things on a table, for the home page and the journal -------------------------------------

SCENES = {  # wall, table, (drawing, colour, left, scale) from back to front; a window of light where wanted
    "home": ("#e9dfcf", "#c8a57c", True, [
        ("planter", "#b9683f", 120, 1.5), ("kettle", "#2e5945", 520, 1.15), ("bowl", "#2f3b57", 960, .95),
        ("mug", "#d6c19c", 840, .7), ("board", "#c99a63", 1060, 1.3)]),
    "desk": ("#dfe3dc", "#b98d63", False, [
        ("planner", "#fdfaf3", 90, 1.2), ("ink", "#26355e", 600, .8), ("notebook", "#a9542f", 850, 1.15),
        ("mug", "#6f7f57", 1230, .8)]),
    "kitchen": ("#ecdfd2", "#a98260", True, [
        ("towel", "#b9c2c4", 120, 1.1), ("board", "#c99a63", 520, 1.3), ("bowl", "#d6c19c", 860, 1.05),
        ("can", "#b98a3a", 1200, 1.1)]),
}
SCENE_W, SCENE_H, TABLE = 1600, 1200, 900


def scene(name):
    wall, table, light, things = SCENES[name]
    out = rect(0, 0, SCENE_W, SCENE_H, wall)
    if light:
        out += path("M980 0 L1330 0 L890 900 L430 900 z", "#fff", 'opacity=".22"')
        out += path("M1400 0 L1500 0 L1090 900 L960 900 z", "#fff", 'opacity=".16"')
    out += rect(0, TABLE - 40, SCENE_W, SCENE_H, table) + rect(0, TABLE - 40, SCENE_W, 14, shade(table, .25))
    out += "".join(line(f"M{x} {y} h{w}", shade(table, -.06), 5)
                   for x, y, w in ((80, 1010, 420), (700, 990, 520), (260, 1080, 640), (1080, 1120, 380), (60, 1160, 240)))
    for i, (drawing, colour, left, scale) in enumerate(things):
        floor = 760 if drawing == "towel" else TABLE + 20 + 26 * (i % 3)  # that one hangs
        out += (f'<g transform="translate({left} {floor - 398 * scale:.0f}) scale({scale})">'
                + globals()[drawing](colour) + "</g>")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 160 {SCENE_W} 1000" '
            f'width="{SCENE_W}" height="1000">{out}</svg>')
