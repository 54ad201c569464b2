"""Where the parts of Bengaluru are, to about a kilometre: middles of areas that files name.

Page: docs/zomato/catalog.md
"""

from chapters.geo import Place

CITY = Place(12.9716, 77.5946)
ZONE = "Asia/Kolkata"

_TABLE = """
Banashankari 12.925 77.546; Bannerghatta Road 12.889 77.597; Basavanagudi 12.942 77.574
Bellandur 12.926 77.676; Brigade Road 12.972 77.607; Brookefield 12.966 77.717
BTM 12.916 77.610; Church Street 12.975 77.605; Electronic City 12.845 77.660
Frazer Town 12.997 77.614; HSR 12.911 77.644; Indiranagar 12.978 77.641; Jayanagar 12.930 77.583
JP Nagar 12.907 77.585; Kalyan Nagar 13.024 77.643; Kammanahalli 13.016 77.638
Koramangala 12.935 77.624; Koramangala 4th Block 12.933 77.630
Koramangala 5th Block 12.934 77.621; Koramangala 6th Block 12.938 77.625
Koramangala 7th Block 12.937 77.614; Lavelle Road 12.971 77.599; Malleshwaram 13.003 77.570
Marathahalli 12.959 77.697; MG Road 12.975 77.607; New BEL Road 13.030 77.570
Old Airport Road 12.960 77.650; Rajajinagar 12.991 77.555; Residency Road 12.968 77.603
Sarjapur Road 12.901 77.687; Whitefield 12.970 77.750
Byresandra,Tavarekere,Madiwala 12.924 77.610; Ulsoor 12.981 77.624; Banaswadi 13.014 77.651
Basaveshwara Nagar 12.987 77.538; Commercial Street 12.982 77.609; Cunningham Road 12.985 77.597
CV Raman Nagar 12.985 77.663; Domlur 12.961 77.638; Ejipura 12.938 77.631; Hebbal 13.036 77.597
Infantry Road 12.982 77.603; Jeevan Bhima Nagar 12.966 77.657
Koramangala 1st Block 12.926 77.633; Koramangala 2nd Block 12.921 77.627
Koramangala 3rd Block 12.927 77.627; Koramangala 8th Block 12.941 77.618; Majestic 12.976 77.571
Richmond Road 12.966 77.605; RT Nagar 13.024 77.594; Sanjay Nagar 13.037 77.577
Seshadripuram 12.993 77.574; Shanti Nagar 12.957 77.598; Shivajinagar 12.986 77.605
St. Marks Road 12.970 77.600; Vasanth Nagar 12.990 77.591; Wilson Garden 12.949 77.597
Yeshwantpur 13.026 77.540
"""


def _area(text: str) -> tuple[str, Place]:
    name, lat, lon = text.strip().rsplit(" ", 2)
    return name, Place(float(lat), float(lon))


AREAS = dict(_area(each) for line in _TABLE.strip().splitlines() for each in line.split(";"))
