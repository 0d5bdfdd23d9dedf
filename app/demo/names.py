"""Invented names, and nothing real."""

CLANS = (
    ("Көкжал", "KJL", "qarlygash zheleast tasbaqa7 m1nor ayazkid"),
    ("Ustirt Ravens", "URV", "kerbez volt9 saqsaq ordek qarqyn"),
    ("Ақбөкен", "AQB", "qulan.s b0ran jelken dauyl tymyq"),
    ("Aqtau Terns", "TRN", "tolqyn mayak shagala kemeshi qum"),
    ("Altai Foxes", "AFX", "tulkibek qyzyl.t aqsor maral ermek77"),
    ("Сарыарқа Желі", "SRJ", "dala.k zhusan betege shildin arqa"),
    ("Alakol Herons", "ALH", "qutan kolbala qamys aidyn su.asty"),
    ("Ұлытау", "ULT", "ulytau1 tasbulaq zhezdi kengir bulanty"),
    ("Jetisu Sparks", "JTS", "ushqyn otty.zh aqsu lepsi qaratal"),
    ("Turan Comets", "TRC", "quyryq sary.zh turan.k shyraqshy kosmo"),
    ("Түнгі Үкі", "UKI", "ukitai surok tunde aiqyn.x mysyq"),
    ("Ертіс", "ERT", "ertis_a omarta qaiyq balyqshy sal"),
    ("Burabai Pines", "BRP", "qaragai zhumbaq oqzhetpes kokshe sosna"),
    ("Qyzyl Vipers", "QVP", "uly.zhylan qumzhylan shaqqan iz qabyq"),
    ("Torgai Dust", "TGD", "torgai.t boz.torgai shang qyrat turgen"),
    ("Chalk & Stone", "CHS", "bor.taq aktas shatqal mergen99 qiya"),
)
