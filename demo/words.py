"""words.py - the demo shop's products, pages and journal in its other languages."""

LOCALES = ("uk", "ru", "tr", "nl", "zh")

# handle: a (title, text) for each of LOCALES
PRODUCTS = {
    "harbour-linen-tea-towel": (
        ("Лляний рушник «Гавань»", "<p>Щільний лляний рушник у ялинку. Витирає скло без ворсу з першого дня і м’якшає з кожним пранням.</p><ul><li>100 % європейський льон, 240 г/м²</li><li>50 × 70 см, з петелькою</li><li>Прати при 60 °C</li></ul>"),
        ("Льняное полотенце «Гавань»", "<p>Плотное льняное полотенце с рисунком «ёлочка». Вытирает стекло без ворса с первого дня и становится мягче с каждой стиркой.</p><ul><li>100 % европейский лён, 240 г/м²</li><li>50 × 70 см, с петелькой</li><li>Стирать при 60 °C</li></ul>"),
        ("Liman keten kurulama bezi", "<p>Balıksırtı dokumalı, tok bir keten bez. Bardağı ilk günden tüy bırakmadan kurular, her yıkamada biraz daha yumuşar.</p><ul><li>%100 Avrupa keteni, 240 g/m²</li><li>50 × 70 cm, askılı</li><li>60 °C’de yıkayın</li></ul>"),
        ("Linnen theedoek Haven", "<p>Een zware linnen theedoek in visgraat. Droogt glas van dag één zonder pluizen en wordt met elke wasbeurt zachter.</p><ul><li>100 % Europees vlas, 240 g/m²</li><li>50 × 70 cm, met lus</li><li>Wassen op 60 °C</li></ul>"),
        ("港湾亚麻茶巾", "<p>人字纹厚亚麻茶巾。从第一天起擦玻璃就不留毛絮，越洗越软。</p><ul><li>100 % 欧洲亚麻，240 克/平方米</li><li>50 × 70 厘米，带挂环</li><li>60 °C 水洗</li></ul>")),
    "waffle-bath-towel": (
        ("Вафельний рушник для ванної", "<p>Легкий, швидко сохне і все одно добре вбирає: вафельне плетіння з довговолокнистої бавовни займає вдвічі менше місця, ніж махровий рушник.</p><ul><li>100 % органічна бавовна</li><li>Для рук 50 × 90 см, банний 70 × 140 см</li></ul>"),
        ("Вафельное банное полотенце", "<p>Лёгкое, быстро сохнет и всё равно хорошо впитывает: вафельное плетение из длинноволокнистого хлопка занимает вдвое меньше места, чем махровое полотенце.</p><ul><li>100 % органический хлопок</li><li>Для рук 50 × 90 см, банное 70 × 140 см</li></ul>"),
        ("Petek dokuma banyo havlusu", "<p>Hafif, çabuk kurur ve yine de iyi emer: uzun lifli pamuktan petek dokuma, havlu kumaşın yarısı kadar yer tutar.</p><ul><li>%100 organik pamuk</li><li>El 50 × 90 cm, banyo 70 × 140 cm</li></ul>"),
        ("Wafelbadhanddoek", "<p>Licht, snel droog en toch dorstig: een wafelbinding van langvezelig katoen die half zo veel ruimte inneemt als badstof.</p><ul><li>100 % biologisch katoen</li><li>Hand 50 × 90 cm, bad 70 × 140 cm</li></ul>"),
        ("华夫格浴巾", "<p>轻薄、快干，吸水却不含糊：长绒棉华夫格织法，占地只有毛圈浴巾的一半。</p><ul><li>100 % 有机棉</li><li>手巾 50 × 90 厘米，浴巾 70 × 140 厘米</li></ul>")),
    "juniper-soy-candle": (
        ("Соєва свічка «Ялівець»", "<p>Ягоди ялівцю, кедр і трохи диму. Залита вручну в керамічну чашку, яка потім послужить підставкою для яйця чи склянкою для ручок.</p><ul><li>Соєвий віск, бавовняний ґніт</li><li>Мала горить близько 25 годин, велика — близько 50</li></ul>"),
        ("Соевая свеча «Можжевельник»", "<p>Ягоды можжевельника, кедр и немного дыма. Залита вручную в керамическую чашку, которая потом послужит подставкой для яйца или стаканом для ручек.</p><ul><li>Соевый воск, хлопковый фитиль</li><li>Маленькая горит около 25 часов, большая — около 50</li></ul>"),
        ("Ardıçlı soya mumu", "<p>Ardıç meyvesi, sedir ve biraz duman. Elle seramik bir kaba dökülür; mum bitince kap yumurtalık ya da kalemlik olur.</p><ul><li>Soya mumu, pamuk fitil</li><li>Küçüğü yaklaşık 25, büyüğü yaklaşık 50 saat yanar</li></ul>"),
        ("Sojakaars jeneverbes", "<p>Jeneverbes, ceder en een beetje rook. Met de hand gegoten in een aardewerken kopje dat daarna eierdop of pennenpotje wordt.</p><ul><li>Sojawas, katoenen lont</li><li>Klein brandt zo’n 25 uur, groot zo’n 50</li></ul>"),
        ("杜松大豆蜡烛", "<p>杜松子、雪松，再加一点烟熏味。手工灌入陶杯，用完后可作蛋杯或笔筒。</p><ul><li>大豆蜡，棉芯</li><li>小号约燃 25 小时，大号约 50 小时</li></ul>")),
    "low-tide-mug": (
        ("Кухоль Low Tide", "<p>Широкий керамічний кухоль з неглазурованою ніжкою і місцем для великого пальця. Кожен виточений вручну, тож двох однакових немає.</p><ul><li>320 мл</li><li>Можна мити в посудомийній машині і гріти в мікрохвильовці</li></ul>"),
        ("Кружка Low Tide", "<p>Широкая керамическая кружка с неглазурованной ножкой и местом для большого пальца. Каждая выточена вручную, и двух одинаковых нет.</p><ul><li>320 мл</li><li>Можно мыть в посудомоечной машине и греть в микроволновке</li></ul>"),
        ("Low Tide kupa", "<p>Ayağı sırsız, başparmak yeri olan geniş bir seramik kupa. Hepsi elde çekilir, hiçbiri ötekinin aynısı değildir.</p><ul><li>320 ml alır</li><li>Bulaşık makinesine ve mikrodalgaya uygun</li></ul>"),
        ("Mok Low Tide", "<p>Een brede aardewerken mok met een ruwe voet en een duimsteun. Elke mok is met de hand gedraaid; geen twee zijn gelijk.</p><ul><li>320 ml</li><li>Mag in vaatwasser en magnetron</li></ul>"),
        ("Low Tide 马克杯", "<p>宽口陶杯，底足素胎，把手上有拇指托。手工拉坯，没有两只完全一样。</p><ul><li>容量 320 毫升</li><li>可用洗碗机和微波炉</li></ul>")),
    "low-tide-bowl": (
        ("Миска Low Tide", "<p>Досить глибока для супу, досить широка для пасти. На вінці глазур сходить до голої глини.</p><ul><li>⌀ 19 см, 900 мл</li><li>Можна мити в посудомийній машині</li></ul>"),
        ("Миска Low Tide", "<p>Достаточно глубокая для супа, достаточно широкая для пасты. У края глазурь сходит до голой глины.</p><ul><li>⌀ 19 см, 900 мл</li><li>Можно мыть в посудомоечной машине</li></ul>"),
        ("Low Tide kâse", "<p>Çorba için yeterince derin, makarna için yeterince geniş. Sır, ağız kenarında çıplak kile açılır.</p><ul><li>⌀ 19 cm, 900 ml</li><li>Bulaşık makinesine uygun</li></ul>"),
        ("Kom Low Tide", "<p>Diep genoeg voor soep, breed genoeg voor pasta. Aan de rand breekt het glazuur tot op de kale klei.</p><ul><li>⌀ 19 cm, 900 ml</li><li>Mag in de vaatwasser</li></ul>"),
        ("Low Tide 碗", "<p>盛汤够深，盛面够宽。碗口处釉色渐薄，露出素胎。</p><ul><li>直径 19 厘米，900 毫升</li><li>可用洗碗机</li></ul>")),
    "oak-serving-board": (
        ("Дубова дошка для подавання", "<p>Один шматок дуба, поваленого бурею, просочений лляною олією. Номер на звороті каже, в якій парафії він ріс.</p><ul><li>Мала 30 × 18 см, середня 42 × 22 см, велика 55 × 26 см</li><li>Мити вручну</li></ul>"),
        ("Дубовая доска для подачи", "<p>Один кусок дуба, поваленного бурей, пропитанный льняным маслом. Номер на обороте говорит, в каком приходе он рос.</p><ul><li>Малая 30 × 18 см, средняя 42 × 22 см, большая 55 × 26 см</li><li>Мыть вручную</li></ul>"),
        ("Meşe sunum tahtası", "<p>Fırtınada devrilmiş bir meşeden tek parça, bezir yağıyla yağlanmış. Arkasındaki numara, ağacın hangi köyde durduğunu söyler.</p><ul><li>Küçük 30 × 18 cm, orta 42 × 22 cm, büyük 55 × 26 cm</li><li>Elde yıkayın</li></ul>"),
        ("Eiken serveerplank", "<p>Eén stuk eik van een boom die in de storm omging, geolied met lijnolie. Het nummer op de achterkant zegt in welke parochie hij stond.</p><ul><li>Klein 30 × 18 cm, middel 42 × 22 cm, groot 55 × 26 cm</li><li>Met de hand afwassen</li></ul>"),
        ("橡木餐板", "<p>取自风暴吹倒的橡树，整块制成，以亚麻籽油擦养。背面的编号是这棵树所在的教区。</p><ul><li>小 30 × 18 厘米，中 42 × 22 厘米，大 55 × 26 厘米</li><li>请手洗</li></ul>")),
    "fell-wool-throw": (
        ("Вовняний плед Fell", "<p>Зітканий з вовни гірських овець, яка здебільшого пропадає. Теплий, трохи пружний, з обметаним краєм.</p><ul><li>100 % нова вовна</li><li>130 × 180 см</li><li>Провітрюйте, періть зрідка</li></ul>"),
        ("Шерстяной плед Fell", "<p>Соткан из шерсти горных овец, которая чаще всего пропадает. Тёплый, немного пружинистый, с обмётанным краем.</p><ul><li>100 % новая шерсть</li><li>130 × 180 см</li><li>Проветривайте, стирайте редко</li></ul>"),
        ("Fell yün battaniye", "<p>Çoğu ziyan olan yayla koyunu yününden dokundu. Sıcak, biraz yaylı, kenarı battaniye dikişli.</p><ul><li>%100 yeni yün</li><li>130 × 180 cm</li><li>Havalandırın, seyrek yıkayın</li></ul>"),
        ("Wollen plaid Fell", "<p>Geweven van de wol van heuvelschapen, die meestal verloren gaat. Warm, een beetje veerkrachtig, met een festonrand.</p><ul><li>100 % nieuwe wol</li><li>130 × 180 cm</li><li>Luchten; zelden wassen</li></ul>"),
        ("Fell 羊毛盖毯", "<p>用多半被丢弃的山地羊毛织成。温暖，略有弹性，毯边锁缝。</p><ul><li>100 % 新羊毛</li><li>130 × 180 厘米</li><li>多晾晒，少水洗</li></ul>")),
    "linen-cushion-cover": (
        ("Лляний чохол на подушку", "<p>Випраний льон з прихованою блискавкою. Поєднуйте два кольори: їх фарбували в пару.</p><ul><li>100 % льон</li><li>Прати при 40 °C</li><li>Без наповнювача</li></ul>"),
        ("Льняной чехол на подушку", "<p>Стираный лён с потайной молнией. Сочетайте два цвета: их красили в пару.</p><ul><li>100 % лён</li><li>Стирать при 40 °C</li><li>Без наполнителя</li></ul>"),
        ("Keten yastık kılıfı", "<p>Gizli fermuarlı, yıkanmış keten. İki rengi karıştırın: birbirine yakışsın diye boyandılar.</p><ul><li>%100 keten</li><li>40 °C’de yıkayın</li><li>İç dolgu dahil değildir</li></ul>"),
        ("Linnen kussenhoes", "<p>Gewassen linnen met een verborgen rits. Combineer twee kleuren: ze zijn geverfd om samen te gaan.</p><ul><li>100 % linnen</li><li>Wassen op 40 °C</li><li>Zonder vulling</li></ul>"),
        ("亚麻靠垫套", "<p>水洗亚麻，隐形拉链。不妨混搭两色：染的时候就是成对的。</p><ul><li>100 % 亚麻</li><li>40 °C 水洗</li><li>不含枕芯</li></ul>")),
    "beeswax-wraps": (
        ("Вощені серветки, три штуки", "<p>Бавовна, бджолиний віск і смола: зігрійте в руках — і вони обіймуть миску, пів лимона чи бутерброд. Служать рік, а тоді розпалять піч.</p>"),
        ("Вощёные салфетки, три штуки", "<p>Хлопок, пчелиный воск и смола: согрейте в руках — и они обнимут миску, пол-лимона или бутерброд. Служат год, а потом растопят печь.</p>"),
        ("Balmumlu örtüler, üçlü", "<p>Pamuk, balmumu ve ağaç reçinesi: elinizde ısıtın, kâseyi, yarım limonu ya da sandviçi sarsın. Bir yıl dayanır, sonra sobayı tutuşturur.</p>"),
        ("Bijenwasdoeken, set van drie", "<p>Katoen, bijenwas en boomhars: warm ze in je handen en ze sluiten om een kom, een halve citroen of een boterham. Ze gaan een jaar mee en steken daarna de kachel aan.</p>"),
        ("蜂蜡保鲜布，三件套", "<p>棉布、蜂蜡与树脂：用手温一温，就能裹住碗、半个柠檬或三明治。可用一年，最后还能引火。</p>")),
    "brass-watering-can": (
        ("Латунна лійка", "<p>Довгий носик дістає поміж листя, не проливши ні краплі. Латунь нічим не вкрита, тож набуває кольору вашого підвіконня.</p><ul><li>0,9 літра</li></ul>"),
        ("Латунная лейка", "<p>Длинный носик дотягивается между листьями, не пролив ни капли. Латунь ничем не покрыта и принимает цвет вашего подоконника.</p><ul><li>0,9 литра</li></ul>"),
        ("Pirinç sulama kabı", "<p>Uzun emziği, tek damla dökmeden yaprakların arasına uzanır. Pirinç ham bırakıldı; zamanla pencerenizin rengini alır.</p><ul><li>0,9 litre</li></ul>"),
        ("Messing gieter", "<p>Een lange tuit die zonder morsen tussen de bladeren reikt. Het messing is onbehandeld en neemt de kleur van je vensterbank aan.</p><ul><li>0,9 liter</li></ul>"),
        ("黄铜浇水壶", "<p>长嘴可探入叶间，滴水不洒。黄铜未加涂层，会慢慢染上窗台的颜色。</p><ul><li>0.9 升</li></ul>")),
    "terracotta-planter": (
        ("Теракотовий горщик з підставкою", "<p>Товстостінний і без глазурі, щоб коріння дихало. Випалений так гаряче, що може зимувати надворі.</p>"),
        ("Терракотовый горшок с поддоном", "<p>Толстостенный и без глазури, чтобы корни дышали. Обожжён так жарко, что может зимовать на улице.</p>"),
        ("Tabaklı toprak saksı", "<p>Kalın cidarlı ve sırsız; kökler nefes alır. Kışı dışarıda geçirecek kadar yüksek ısıda pişirildi.</p>"),
        ("Terracotta bloempot met schotel", "<p>Dikwandig en ongeglazuurd, zodat de wortels kunnen ademen. Heet genoeg gebakken om ’s winters buiten te blijven.</p>"),
        ("陶土花盆（含托盘）", "<p>厚壁无釉，根能呼吸。高温烧成，冬天也可放在室外。</p>")),
    "enamel-kettle": (
        ("Емальований чайник", "<p>Чайник для будь-якої плити, індукційної теж, зі свистком, який рано-вранці можна відкинути.</p><ul><li>1,8 літра</li><li>Сталь, емаль зсередини і зовні</li></ul>"),
        ("Эмалированный чайник", "<p>Чайник для любой плиты, и для индукционной, со свистком, который ранним утром можно откинуть.</p><ul><li>1,8 литра</li><li>Сталь, эмаль изнутри и снаружи</li></ul>"),
        ("Emaye çaydanlık", "<p>İndüksiyon dahil her ocak için; sabah erken saatte katlayabileceğiniz bir düdüğü var.</p><ul><li>1,8 litre</li><li>Çelik, içi dışı emaye</li></ul>"),
        ("Emaille fluitketel", "<p>Een ketel voor elk fornuis, ook inductie, met een fluit die je ’s ochtends vroeg kunt wegklappen.</p><ul><li>1,8 liter</li><li>Staal, van binnen en buiten geëmailleerd</li></ul>"),
        ("珐琅水壶", "<p>适用各种炉具，包括电磁炉；清晨可以把哨子翻开，不吵人。</p><ul><li>1.8 升</li><li>钢胎，内外珐琅</li></ul>")),
    "thread-notebook-a5": (
        ("Зшитий нотатник A5", "<p>Зшитий зошитами, тому лежить рівно з першої сторінки. 192 сторінки, що люблять перо: чорнило не розпливається і майже не просвічує.</p><ul><li>A5, 90 г/м², вторинний папір</li><li>Нумеровані сторінки, дві закладки</li></ul>"),
        ("Сшитый блокнот A5", "<p>Сшит тетрадями, поэтому лежит ровно с первой страницы. 192 страницы, которые любят перо: чернила не расплываются и почти не просвечивают.</p><ul><li>A5, 90 г/м², вторичная бумага</li><li>Нумерованные страницы, две закладки</li></ul>"),
        ("İplik dikişli defter A5", "<p>Formalar hâlinde dikildi, ilk sayfadan düz açılır. Dolma kalemin sevdiği 192 sayfa: dağılma yok, arkaya geçme yok denecek kadar az.</p><ul><li>A5, 90 g/m², geri dönüştürülmüş</li><li>Numaralı sayfalar, iki kurdele</li></ul>"),
        ("Genaaid notitieboek A5", "<p>In katernen genaaid, dus het ligt plat vanaf de eerste bladzijde. 192 bladzijden die van vulpennen houden: inkt loopt niet uit en schijnt nauwelijks door.</p><ul><li>A5, 90 g/m², gerecycled</li><li>Genummerde bladzijden, twee linten</li></ul>"),
        ("线装笔记本 A5", "<p>锁线装订，从第一页起就能摊平。192 页，钢笔好写：不洇墨，几乎不透背。</p><ul><li>A5，90 克/平方米，再生纸</li><li>带页码，两条书签带</li></ul>")),
    "pocket-notebooks": (
        ("Кишенькові нотатники, три штуки", "<p>Досить малі для кишені сорочки, прошиті ниткою: у кожному наборі один у крапку, один у лінію і один чистий.</p><ul><li>9 × 14 см, по 48 сторінок</li></ul>"),
        ("Карманные блокноты, три штуки", "<p>Достаточно малы для кармана рубашки, прошиты ниткой: в каждом наборе один в точку, один в линейку и один чистый.</p><ul><li>9 × 14 см, по 48 страниц</li></ul>"),
        ("Cep defterleri, üçlü", "<p>Gömlek cebine sığar, iplikle dikilir; her takımda noktalı, çizgili ve düz birer defter vardır.</p><ul><li>9 × 14 cm, her biri 48 sayfa</li></ul>"),
        ("Zakboekjes, set van drie", "<p>Klein genoeg voor een borstzak, met draad genaaid: in elke set een met puntjes, een met lijntjes en een blanco.</p><ul><li>9 × 14 cm, elk 48 bladzijden</li></ul>"),
        ("口袋笔记本，三本装", "<p>小到能放进衬衫口袋，线缝装订；每套点阵、横线、空白各一本。</p><ul><li>9 × 14 厘米，每本 48 页</li></ul>")),
    "linden-fountain-pen": (
        ("Перова ручка «Липа»", "<p>Поршнева, з віконцем для чорнила і сталевим пером, яке можна замінити за хвилину. Виточена з одного прута і така легка, що нею можна писати весь день.</p><ul><li>Вміщує 1,2 мл</li><li>Перо відшліфоване і випробуване</li></ul>"),
        ("Перьевая ручка «Липа»", "<p>Поршневая, с окошком для чернил и стальным пером, которое меняется за минуту. Выточена из одного прутка и так легка, что ею можно писать весь день.</p><ul><li>Вмещает 1,2 мл</li><li>Перо отшлифовано и проверено</li></ul>"),
        ("Linden dolma kalem", "<p>Mürekkep pencereli, pistonlu; çelik ucu bir dakikada değişir. Tek çubuktan tornalandı, bütün gün yazacak kadar hafif.</p><ul><li>1,2 ml alır</li><li>Ucu taşlanıp denendikten sonra yola çıkar</li></ul>"),
        ("Vulpen Linden", "<p>Een zuigervuller met inktvenster en een stalen penpunt die je in een minuut verwisselt. Uit één staaf gedraaid, licht genoeg om de hele dag mee te schrijven.</p><ul><li>Bevat 1,2 ml</li><li>Punt geslepen en getest voor hij vertrekt</li></ul>"),
        ("Linden 钢笔", "<p>活塞上墨，带墨窗，钢尖一分钟即可更换。整根车削，轻得可以写上一整天。</p><ul><li>储墨 1.2 毫升</li><li>笔尖出厂前逐支打磨试写</li></ul>")),
    "bottled-ink": (
        ("Чорнило у флаконі", "<p>Чорнило, що добре тече і відмивається з ручок і більшості сорочок. У флаконі є поличка для останніх крапель.</p><ul><li>30 мл</li></ul>"),
        ("Чернила во флаконе", "<p>Чернила, которые хорошо текут и отмываются с ручек и большинства рубашек. Во флаконе есть полочка для последних капель.</p><ul><li>30 мл</li></ul>"),
        ("Şişe mürekkep", "<p>Rahat akan, kalemlerden ve çoğu gömlekten çıkan boya mürekkepler. Şişenin son damlalar için bir rafı var.</p><ul><li>30 ml</li></ul>"),
        ("Inkt in een flesje", "<p>Inkt die goed vloeit en uit pennen en de meeste overhemden gaat. Het flesje heeft een plateau voor de laatste druppels.</p><ul><li>30 ml</li></ul>"),
        ("瓶装墨水", "<p>染料墨水，出水顺畅，从笔里和多数衬衫上都洗得掉。瓶中有一级小台，留住最后几滴。</p><ul><li>30 毫升</li></ul>")),
    "felt-desk-pad": (
        ("Повстяний килимок для столу", "<p>Чотири міліметри пресованої вовни під руками: вранці тепло, під клавіатурою тихо.</p><ul><li>Малий 60 × 30 см, великий 90 × 40 см</li></ul>"),
        ("Войлочный коврик для стола", "<p>Четыре миллиметра прессованной шерсти под руками: утром тепло, под клавиатурой тихо.</p><ul><li>Малый 60 × 30 см, большой 90 × 40 см</li></ul>"),
        ("Yün keçe masa altlığı", "<p>Ellerinizin altında dört milimetre sıkıştırılmış yün: sabahları sıcak, klavyenin altında sessiz.</p><ul><li>Küçük 60 × 30 cm, büyük 90 × 40 cm</li></ul>"),
        ("Bureauonderlegger van wolvilt", "<p>Vier millimeter geperste wol onder je handen: ’s ochtends warm, stil onder een toetsenbord.</p><ul><li>Klein 60 × 30 cm, groot 90 × 40 cm</li></ul>"),
        ("羊毛毡桌垫", "<p>手下四毫米厚的压毡：清晨温暖，键盘之下安静。</p><ul><li>小 60 × 30 厘米，大 90 × 40 厘米</li></ul>")),
    "week-at-a-glance-pad": (
        ("Тижневий планер-блок", "<p>П’ятдесят чотири відривні тижні без дат, тож жоден не пропаде. Є стовпчик для того, що може зачекати.</p><ul><li>A4, альбомний, 100 г/м²</li></ul>"),
        ("Недельный планер-блок", "<p>Пятьдесят четыре отрывные недели без дат, так что ни одна не пропадёт. Есть столбец для того, что может подождать.</p><ul><li>A4, альбомный, 100 г/м²</li></ul>"),
        ("Haftalık plan bloğu", "<p>Koparılacak elli dört hafta; üstünde tarih yok, hiçbiri boşa gitmez. Bekleyebilecekler için bir sütun var.</p><ul><li>A4 yatay, 100 g/m²</li></ul>"),
        ("Weekplanner op één blad", "<p>Vierenvijftig weken om af te scheuren, zonder data, dus geen enkele gaat verloren. Met een kolom voor wat mag wachten.</p><ul><li>A4 liggend, 100 g/m²</li></ul>"),
        ("一周计划本", "<p>五十四周，可撕，不印日期，一张也不浪费。另有一栏写可以等的事。</p><ul><li>A4 横版，100 克/平方米</li></ul>")),
    "letter-writing-set": (
        ("Набір для листів", "<p>Двадцять аркушів із рваним краєм і десять конвертів із підкладкою, у коробці, яка зберігатиме листи у відповідь.</p>"),
        ("Набор для писем", "<p>Двадцать листов с рваным краем и десять конвертов с подкладкой, в коробке, которая сохранит ответные письма.</p>"),
        ("Mektup takımı", "<p>Kenarı yırtma yirmi yaprak ve astarlı on zarf; kutusu, gelen mektupları saklar.</p>"),
        ("Briefpapierset", "<p>Twintig vellen met een scheprand en tien gevoerde enveloppen, in een doos die de brieven bewaart die je terugkrijgt.</p>"),
        ("书信套装", "<p>二十张毛边信纸，十个衬里信封，盒子正好收藏回信。</p>")),
    "washi-tape-meadow": (
        ("Стрічки васі, набір «Луг»", "<p>П’ять рулонів із травами й насінням із поля за майстернею. Клеїться — і знову відпускає.</p><ul><li>П’ять рулонів 15 мм × 7 м</li></ul>"),
        ("Лента васи, набор «Луг»", "<p>Пять рулонов с травами и семенами с поля за мастерской. Клеится — и снова отпускает.</p><ul><li>Пять рулонов 15 мм × 7 м</li></ul>"),
        ("Washi bant, çayır takımı", "<p>Atölyenin arkasındaki tarladan ot ve tohum desenli beş rulo. Yapışır, sonra yine bırakır.</p><ul><li>15 mm × 7 m, beş rulo</li></ul>"),
        ("Washitape, set Weide", "<p>Vijf rollen met grassen en zaadpluizen van het veld achter de werkplaats. Plakt, en laat weer los.</p><ul><li>Vijf rollen van 15 mm × 7 m</li></ul>"),
        ("和纸胶带·草甸套装", "<p>五卷，画的是工坊后田里的草与籽穗。粘得住，也撕得下。</p><ul><li>15 毫米 × 7 米，五卷</li></ul>")),
    "graphite-pencils": (
        ("Графітові олівці, шість штук", "<p>Від 2H до 6B у нефарбованій липі — дереві, на честь якого нас названо. Легко стругати, приємно нюхати.</p>"),
        ("Графитовые карандаши, шесть штук", "<p>От 2H до 6B в некрашеной липе — дереве, в честь которого нас назвали. Легко точить, приятно нюхать.</p>"),
        ("Grafit kalemler, altılı", "<p>2H’den 6B’ye, adımızı aldığımız ıhlamur ağacından, boyasız. Açması yumuşak, kokusu hoş.</p>"),
        ("Grafietpotloden, set van zes", "<p>2H tot 6B in ongeverfd lindehout, de boom waarnaar we heten. Zacht om te slijpen, vriendelijk voor de neus.</p>"),
        ("石墨铅笔，六支装", "<p>2H 至 6B，素面椴木——我们的名字就来自这种树。好削，好闻。</p>")),
    "paper-scissors": (
        ("Ножиці для паперу", "<p>Довгі леза для довгих розрізів, виковані з одного шматка і заточені вручну. Їх можна гострити все життя.</p><ul><li>21 см, вуглецева сталь</li></ul>"),
        ("Ножницы для бумаги", "<p>Длинные лезвия для длинных разрезов, выкованные из одного куска и заточенные вручную. Их можно точить всю жизнь.</p><ul><li>21 см, углеродистая сталь</li></ul>"),
        ("Kâğıt makası", "<p>Uzun kesimler için uzun ağızlar; tek parça dövülür, elde bilenir. Ömür boyu yeniden bilenebilir.</p><ul><li>21 cm, karbon çeliği</li></ul>"),
        ("Papierschaar", "<p>Lange bladen voor lange knippen, uit één stuk gesmeed en met de hand geslepen. Een leven lang bij te slijpen.</p><ul><li>21 cm, koolstofstaal</li></ul>"),
        ("裁纸剪刀", "<p>长刃裁长纸，一体锻造，手工开刃。可以磨上一辈子。</p><ul><li>21 厘米，碳钢</li></ul>")),
    "wax-seal-kit": (
        ("Набір для сургучної печатки", "<p>Латунна печатка на буковій ручці і три палички сургучу, що гнеться, а не ламається в дорозі.</p>"),
        ("Набор для сургучной печати", "<p>Латунная печать на буковой ручке и три палочки сургуча, который гнётся, а не ломается в пути.</p>"),
        ("Mühür takımı", "<p>Kayın saplı pirinç mühür ve postada kırılmayıp bükülen üç çubuk mum.</p>"),
        ("Lakzegelset", "<p>Een messing zegel met beukenhouten handvat en drie staafjes lak die in de post buigen in plaats van breken.</p>"),
        ("火漆印章套装", "<p>榉木柄黄铜印章，配三支火漆，邮寄途中会弯，不会碎。</p>")),
    "gift-card": (
        ("Подарункова картка", "<p>Приходить електронною поштою за хвилину і не має терміну дії. Залишок лишається на картці.</p>"),
        ("Подарочная карта", "<p>Приходит по электронной почте за минуту и не имеет срока действия. Остаток остаётся на карте.</p>"),
        ("Hediye kartı", "<p>Bir dakika içinde e-postayla gelir, süresi dolmaz. Artan tutar kartta kalır.</p>"),
        ("Cadeaukaart", "<p>Komt binnen een minuut per e-mail en verloopt niet. Wat overblijft, blijft op de kaart staan.</p>"),
        ("礼品卡", "<p>一分钟内送达邮箱，永不过期。余额一直留在卡上。</p>")),
}

# Kinds of products, names of options and their values, these by "Option: Value" where it matters
WORDS = {
    "Kitchen linen": ("Кухонний текстиль", "Кухонный текстиль", "Mutfak tekstili", "Keukenlinnen", "厨房布艺"),
    "Bath linen": ("Текстиль для ванної", "Текстиль для ванной", "Banyo tekstili", "Badlinnen", "浴室布艺"),
    "Candles": ("Свічки", "Свечи", "Mumlar", "Kaarsen", "蜡烛"),
    "Tableware": ("Посуд", "Посуда", "Sofra takımı", "Servies", "餐具"),
    "Kitchen": ("Кухня", "Кухня", "Mutfak", "Keuken", "厨房"),
    "Living": ("Оселя", "Дом", "Yaşam", "Wonen", "居室"),
    "Plants": ("Рослини", "Растения", "Bitkiler", "Planten", "植物"),
    "Notebooks": ("Нотатники", "Блокноты", "Defterler", "Notitieboeken", "笔记本"),
    "Pens": ("Ручки", "Ручки", "Kalemler", "Pennen", "笔"),
    "Desk": ("Стіл", "Стол", "Masa", "Bureau", "书桌"),
    "Paper": ("Папір", "Бумага", "Kâğıt", "Papier", "纸品"),
    "Gift cards": ("Подарункові картки", "Подарочные карты", "Hediye kartları", "Cadeaukaarten", "礼品卡"),
    "Colour": ("Колір", "Цвет", "Renk", "Kleur", "颜色"),
    "Size": ("Розмір", "Размер", "Beden", "Maat", "尺寸"),
    "Glaze": ("Глазур", "Глазурь", "Sır", "Glazuur", "釉色"),
    "Diameter": ("Діаметр", "Диаметр", "Çap", "Diameter", "直径"),
    "Ruling": ("Розлінування", "Разлиновка", "Çizgi", "Liniëring", "内页"),
    "Nib": ("Перо", "Перо", "Uç", "Penpunt", "笔尖"),
    "Motif": ("Мотив", "Мотив", "Motif", "Motief", "图案"),
    "Value": ("Номінал", "Номинал", "Tutar", "Waarde", "面额"),
    "Fog": ("Туман", "Туман", "Sis", "Mist", "雾灰"), "Moss": ("Мох", "Мох", "Yosun", "Mos", "苔绿"),
    "Rust": ("Іржа", "Ржавчина", "Pas", "Roest", "锈红"), "Oat": ("Овес", "Овёс", "Yulaf", "Haver", "燕麦"),
    "Slate": ("Сланець", "Сланец", "Arduvaz", "Leisteen", "石板灰"), "Sand": ("Пісок", "Песок", "Kum", "Zand", "沙色"),
    "Ink": ("Чорнило", "Чернила", "Mürekkep", "Inkt", "墨蓝"), "Ochre": ("Вохра", "Охра", "Okra", "Oker", "赭黄"),
    "Plum": ("Слива", "Слива", "Erik", "Pruim", "梅紫"), "Pine": ("Сосна", "Сосна", "Çam", "Den", "松绿"),
    "Chalk": ("Крейда", "Мел", "Tebeşir", "Krijt", "粉白"), "Charcoal": ("Вугілля", "Уголь", "Kömür", "Houtskool", "炭黑"),
    "Terracotta": ("Теракота", "Терракота", "Kiremit", "Terracotta", "陶土"), "Rose": ("Троянда", "Роза", "Gül", "Roze", "玫瑰"),
    "Midnight blue": ("Опівнічний синій", "Полуночный синий", "Gece mavisi", "Middernachtblauw", "午夜蓝"),
    "Forest green": ("Лісовий зелений", "Лесной зелёный", "Orman yeşili", "Bosgroen", "森林绿"),
    "Burgundy": ("Бургунд", "Бордо", "Bordo", "Bordeaux", "酒红"), "Sepia": ("Сепія", "Сепия", "Sepya", "Sepia", "棕褐"),
    "Peacock": ("Павич", "Павлин", "Tavus", "Pauw", "孔雀蓝"), "Black": ("Чорний", "Чёрный", "Siyah", "Zwart", "黑"),
    "Hand": ("Для рук", "Для рук", "El", "Hand", "手巾"), "Bath": ("Банний", "Банное", "Banyo", "Bad", "浴巾"),
    "Small": ("Малий", "Малый", "Küçük", "Klein", "小"), "Medium": ("Середній", "Средний", "Orta", "Middel", "中"),
    "Large": ("Великий", "Большой", "Büyük", "Groot", "大"),
    "Dotted": ("У крапку", "В точку", "Noktalı", "Puntjes", "点阵"), "Lined": ("У лінію", "В линейку", "Çizgili", "Lijntjes", "横线"),
    "Plain": ("Чистий", "Чистый", "Düz", "Blanco", "空白"),
    "Nib: Medium": ("Середнє", "Среднее", "Orta", "Medium", "中"),
    "Fine": ("Тонке", "Тонкое", "İnce", "Fijn", "细"), "Broad": ("Широке", "Широкое", "Kalın", "Breed", "粗"),
    "Leaf": ("Листок", "Лист", "Yaprak", "Blad", "叶"), "Star": ("Зірка", "Звезда", "Yıldız", "Ster", "星"),
    "Key": ("Ключ", "Ключ", "Anahtar", "Sleutel", "钥匙"),
}

# handle or kind: the body of a page, the excerpt and body of an article, the body of a policy
PAGES = {
    "about": (
        "<p>Linden & Loom почалася 2016 року з одного верстата і позиченої печі. Тепер нас дев’ятеро, і ми досі в тому самому цегляному домі біля каналу.</p><h2>Як ми працюємо</h2><p>Усе робимо партіями від п’ятдесяти до двохсот. Скінчилося — то скінчилося, до наступної партії. Що зламалося, лагодимо: напишіть нам, що сталося.</p><h2>З чого це зроблено</h2><ul><li>Льон із Нормандії та Фландрії, витканий тут</li><li>Глина з Вестервальду</li><li>Дуб із дерев, повалених бурею</li><li>Папір із млина на власній річці</li></ul>",
        "<p>Linden & Loom началась в 2016 году с одного станка и одолженной печи. Теперь нас девять, и мы всё в том же кирпичном доме у канала.</p><h2>Как мы работаем</h2><p>Всё делаем партиями от пятидесяти до двухсот. Кончилось — значит кончилось, до следующей партии. Что сломалось, чиним: напишите нам, что случилось.</p><h2>Из чего это сделано</h2><ul><li>Лён из Нормандии и Фландрии, сотканный здесь</li><li>Глина из Вестервальда</li><li>Дуб из поваленных бурей деревьев</li><li>Бумага с мельницы на собственной реке</li></ul>",
        "<p>Linden & Loom 2016’da tek tezgâh ve ödünç bir fırınla başladı. Şimdi dokuz kişiyiz, hâlâ kanal kıyısındaki aynı tuğla binadayız.</p><h2>Nasıl çalışırız</h2><p>Her şey elli ile iki yüz adetlik partilerle yapılır. Bitti mi biter, bir sonraki partiye kadar. Kırılanı onarırız: ne olduğunu bize yazın.</p><h2>Neden yapılır</h2><ul><li>Normandiya ve Flandre keteni, burada dokunur</li><li>Westerwald’dan seramik kili</li><li>Fırtınada devrilmiş meşeler</li><li>Kendi ırmağıyla çalışan bir değirmenin kâğıdı</li></ul>",
        "<p>Linden & Loom begon in 2016 met één weefgetouw en een geleende oven. Nu zijn we met negen, nog steeds in hetzelfde bakstenen pand aan het kanaal.</p><h2>Hoe we werken</h2><p>Alles wordt gemaakt in oplagen van vijftig tot tweehonderd. Op is op, tot de volgende oplage. Wat stukgaat, herstellen we: schrijf ons wat er gebeurd is.</p><h2>Waar het van gemaakt is</h2><ul><li>Vlas uit Normandië en Vlaanderen, hier geweven</li><li>Steengoedklei uit het Westerwald</li><li>Eik van bomen die in de storm omgingen</li><li>Papier van een molen op zijn eigen rivier</li></ul>",
        "<p>Linden & Loom 始于 2016 年，当时只有一台织机和一座借来的窑。如今我们九个人，仍在运河边那栋砖楼里。</p><h2>我们怎样做</h2><p>每批五十到两百件，卖完为止，等下一批。坏了我们修：写信告诉我们发生了什么。</p><h2>用什么做</h2><ul><li>诺曼底与佛兰德的亚麻，在此织造</li><li>韦斯特瓦尔德的陶土</li><li>风暴吹倒的橡树</li><li>靠自家河流运转的造纸坊的纸</li></ul>"),
    "care": (
        "<p>Льон: прати при 40 °C, сушити на мотузці, прасувати вологим або й не прасувати. Вовна: провітрюйте, періть зрідка. Латунь і гола глина змінюються разом з вами — нехай.</p><h2>Ремонт</h2><p>Надішліть фото того, що зламалося. Більшість ремонтів коштує стільки, скільки пересилання.</p>",
        "<p>Лён: стирать при 40 °C, сушить на верёвке, гладить влажным или не гладить вовсе. Шерсть: проветривайте, стирайте редко. Латунь и голая глина меняются вместе с вами — пусть.</p><h2>Ремонт</h2><p>Пришлите фото того, что сломалось. Большинство ремонтов стоит столько, сколько пересылка.</p>",
        "<p>Keten: 40 °C’de yıkayın, ipte kurutun, nemliyken ütüleyin ya da hiç ütülemeyin. Yün: havalandırın, seyrek yıkayın. Pirinç ve çıplak kil sizinle değişir; bırakın değişsin.</p><h2>Onarım</h2><p>Kırılanın bir fotoğrafını gönderin. Çoğu onarım kargo parasına biter.</p>",
        "<p>Linnen: wassen op 40 °C, aan de lijn drogen, vochtig strijken of helemaal niet. Wol: luchten, zelden wassen. Messing en kale klei veranderen met je mee; laat ze.</p><h2>Herstel</h2><p>Stuur ons een foto van wat er stuk is. De meeste reparaties kosten de porto.</p>",
        "<p>亚麻：40 °C 水洗，晾干，湿熨或不熨。羊毛：多通风，少洗。黄铜和素胎会随你而变，由它去。</p><h2>修补</h2><p>拍张照片寄来，告诉我们哪里坏了。多数修理只收邮费。</p>"),
}
ARTICLES = {
    "a-desk-for-one-hour": (
        ("Стіл на одну годину", "Приберіть його, розкладіть чотири речі й пишіть, доки чайник закипить двічі.", "<p>Кабінет вам не потрібен. Потрібен стіл, що на годину ваш, і чотири речі на ньому.</p><h2>Один нотатник</h2><p>Розгорніть його. Якщо не лежить рівно — він не на вашому боці.</p><h2>Одна ручка, заправлена</h2><p>Заправте її, перш ніж сісти: чорнило — не виправдання.</p><h2>Тиждень на одному аркуші</h2><p>Щоб те, чого не можна забути, було не в голові, а перед очима.</p><h2>Щось тепле</h2><p>Вистигає за двадцять хвилин. Так ви й знаєте, котра година.</p>"),
        ("Стол на один час", "Уберите его, разложите четыре вещи и пишите, пока чайник не закипит дважды.", "<p>Кабинет вам не нужен. Нужен стол, который на час ваш, и четыре вещи на нём.</p><h2>Один блокнот</h2><p>Раскройте его. Если не лежит ровно — он не на вашей стороне.</p><h2>Одна ручка, заправленная</h2><p>Заправьте её, прежде чем сесть: чернила — не оправдание.</p><h2>Неделя на одном листе</h2><p>Чтобы то, чего нельзя забыть, было не в голове, а перед глазами.</p><h2>Что-нибудь тёплое</h2><p>Остывает за двадцать минут. Так вы и знаете, который час.</p>"),
        ("Bir saatlik masa", "Toplayın, dört şey koyun ve çaydanlık iki kez kaynayana dek yazın.", "<p>Çalışma odasına ihtiyacınız yok. Bir saatliğine sizin olan bir masa ve üstünde dört şey yeter.</p><h2>Bir defter</h2><p>Açın. Düz durmuyorsa sizin tarafınızda değildir.</p><h2>Dolu bir kalem</h2><p>Oturmadan doldurun; mürekkep bahane değildir.</p><h2>Tek yaprakta bir hafta</h2><p>Unutmamanız gereken kafanızdan çıksın, önünüze gelsin.</p><h2>Sıcak bir şey</h2><p>Yirmi dakikada soğur. Saati öyle bilirsiniz.</p>"),
        ("Een bureau voor één uur", "Ruim het op, leg vier dingen klaar en schrijf tot de ketel twee keer kookt.", "<p>Je hebt geen werkkamer nodig. Je hebt een tafel nodig die een uur van jou is, met vier dingen erop.</p><h2>Eén notitieboek</h2><p>Sla het open. Blijft het niet plat liggen, dan staat het niet aan jouw kant.</p><h2>Eén pen, gevuld</h2><p>Vul hem voor je gaat zitten; inkt is geen uitvlucht.</p><h2>Een week op één vel</h2><p>Zodat wat je niet mag vergeten uit je hoofd is en voor je ligt.</p><h2>Iets warms</h2><p>Na twintig minuten is het koud. Zo weet je hoe laat het is.</p>"),
        ("一小时的书桌", "清空它，摆上四样东西，写到水开两次。", "<p>你不需要书房，只需要一张属于你一小时的桌子，和上面的四样东西。</p><h2>一本笔记本</h2><p>摊开它。摊不平，就不是你的帮手。</p><h2>一支灌好墨的笔</h2><p>坐下之前先灌好，墨水不是借口。</p><h2>一页纸上的一周</h2><p>让不能忘的事离开脑子，摆到眼前。</p><h2>一点热的</h2><p>二十分钟就凉了，时间就这样知道了。</p>")),
    "the-board-and-the-storm": (
        ("Дошка і буря", "На кожній дубовій дошці є номер парафії. Ось чому.", "<p>Позаминулої зими бурі звалили в парафіях уздовж річки близько чотирьохсот дубів. Ми купуємо те, що тартак не може пустити на балки: криве, сучкувате, гарне.</p><p>Номер на звороті вашої дошки — парафія, де стояло дерево. Напишіть нам, і ми скажемо яка.</p>"),
        ("Доска и буря", "На каждой дубовой доске стоит номер прихода. Вот почему.", "<p>Позапрошлой зимой бури повалили в приходах вдоль реки около четырёхсот дубов. Мы покупаем то, что лесопилка не может пустить на балки: кривое, сучковатое, красивое.</p><p>Номер на обороте вашей доски — приход, где стояло дерево. Напишите нам, и мы скажем какой.</p>"),
        ("Tahta ve fırtına", "Her meşe tahta bir köyün numarasını taşır. İşte nedeni.", "<p>İki kış önceki fırtınalarda ırmak boyundaki köyler dört yüz kadar meşe yitirdi. Bıçkıhanenin kiriş yapamadığını alırız: eğri, budaklı, güzel.</p><p>Tahtanızın arkasındaki numara, ağacın durduğu köydür. Yazın, hangisi olduğunu söyleyelim.</p>"),
        ("De plank en de storm", "Op elke eiken plank staat het nummer van een parochie. Hierom.", "<p>In de stormen van twee winters geleden verloren de parochies langs de rivier zo’n vierhonderd eiken. Wij kopen wat de zagerij niet als balk kan gebruiken: krom, knoestig, mooi.</p><p>Het nummer achter op je plank is de parochie waar de boom stond. Schrijf ons en we vertellen je welke.</p>"),
        ("木板与风暴", "每块橡木板上都有一个教区的编号，原因在此。", "<p>两个冬天前的风暴里，沿河各教区倒了约四百棵橡树。锯木厂做不成梁的，弯的、多节的、好看的，我们都买下。</p><p>木板背面的编号就是那棵树所在的教区。写信来，我们告诉你是哪一个。</p>")),
}
POLICIES = {
    "shipping": (
        "<p>Надсилаємо в робочі дні. Замовлення до 14:00 їдуть того ж дня.</p><ul><li>У межах країни: 1–2 робочі дні</li><li>Європейський Союз: 3–6 робочих днів</li></ul>",
        "<p>Отправляем по рабочим дням. Заказы до 14:00 уходят в тот же день.</p><ul><li>Внутри страны: 1–2 рабочих дня</li><li>Европейский союз: 3–6 рабочих дней</li></ul>",
        "<p>İş günlerinde göndeririz. 14:00’ten önceki siparişler aynı gün çıkar.</p><ul><li>Yurt içi: 1–2 iş günü</li><li>Avrupa Birliği: 3–6 iş günü</li></ul>",
        "<p>We versturen op werkdagen. Bestellingen voor 14.00 uur gaan dezelfde dag mee.</p><ul><li>Binnenland: 1 tot 2 werkdagen</li><li>Europese Unie: 3 tot 6 werkdagen</li></ul>",
        "<p>工作日发货，14:00 前的订单当日寄出。</p><ul><li>国内：1–2 个工作日</li><li>欧盟：3–6 个工作日</li></ul>"),
    "returns": (
        "<p>Будь-що невживане можна повернути протягом 30 днів; гроші повернемо за тиждень після отримання. У межах країни повернення безплатне.</p>",
        "<p>Всё неиспользованное можно вернуть в течение 30 дней; деньги вернём в течение недели после получения. Внутри страны возврат бесплатный.</p>",
        "<p>Kullanılmamış her şeyi 30 gün içinde geri gönderebilirsiniz; bize ulaştıktan sonra bir hafta içinde paranızı iade ederiz. Yurt içi iade ücretsizdir.</p>",
        "<p>Alles wat ongebruikt is mag binnen 30 dagen terug; we betalen binnen een week na ontvangst terug. Binnenlands retourneren is gratis.</p>",
        "<p>未使用的商品可在 30 天内退回，收到后一周内退款。国内退货免费。</p>"),
    "privacy": (
        "<p>Ми зберігаємо лише те, що потрібно, щоб надіслати вам замовлення, і нічого більше, якщо ви не погодитеся.</p>",
        "<p>Мы храним только то, что нужно, чтобы отправить вам заказ, и ничего больше, если вы не согласитесь.</p>",
        "<p>Yalnızca siparişinizi göndermek için gerekeni saklarız; siz onay vermedikçe başka hiçbir şeyi değil.</p>",
        "<p>We bewaren wat nodig is om je bestelling te sturen, en niets anders tenzij je ermee instemt.</p>",
        "<p>我们只保留寄送订单所需的信息；未经您同意，别无其他。</p>"),
    "terms": (
        "<p>Ціни включають податок. Договір укладено, коли ми підтверджуємо замовлення.</p>",
        "<p>Цены включают налог. Договор заключён, когда мы подтверждаем заказ.</p>",
        "<p>Fiyatlara vergi dahildir. Sözleşme, siparişinizi onayladığımızda kurulur.</p>",
        "<p>Prijzen zijn inclusief btw. De overeenkomst komt tot stand wanneer we je bestelling bevestigen.</p>",
        "<p>价格含税。我们确认订单时，合同成立。</p>"),
}
