"""What cuisines cook, about what it costs, and how many restaurants have them: for cities that are made up.

Shares are those of 7,105 restaurants of Bengaluru: 46 % say North Indian, 34 % Chinese. A star marks
what is vegetarian; prices are rupees at a place of the usual kind. Page: docs/zomato/catalog.md
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dish:
    """What is on menus under a name."""

    name: str
    rupees: int
    is_vegetarian: bool


@dataclass(frozen=True, slots=True)
class Cuisine:
    """How many of a thousand restaurants have it, what such places are called, and what they cook."""

    name: str
    of_thousand: int
    called: tuple[str, ...]
    dishes: tuple[Dish, ...]


_TABLE = """
North Indian | 456 | Dhaba, Punjabi Kitchen, Tandoor, Rasoi
    Butter Chicken 280, Paneer Butter Masala* 230, Dal Makhani* 190, Chicken Tikka 240, Palak
    Paneer* 210, Butter Naan* 45, Jeera Rice* 130, Rajma Chawal* 150, Aloo Paratha* 90
Chinese | 343 | Wok, Dragon, Noodle House
    Veg Hakka Noodles* 150, Chicken Fried Rice 180, Gobi Manchurian* 160, Chilli Chicken 220,
    Schezwan Noodles* 170, Hot And Sour Soup* 110, Veg Spring Roll* 140
South Indian | 206 | Tiffin Room, Sagar, Bhavan, Darshini
    Masala Dosa* 70, Idli Vada* 55, Rava Dosa* 80, Set Dosa* 60, Filter Coffee* 25, South Indian
    Thali* 130, Curd Rice* 70, Bisi Bele Bath* 75
Fast Food | 146 | Bites, Corner, Express
    French Fries* 100, Veg Burger* 110, Chicken Nuggets 150, Masala Maggi* 60, Chicken Roll 120
Biryani | 131 | Biryani House, Biryani Point, Dum House
    Chicken Biryani 210, Mutton Biryani 290, Veg Biryani* 170, Egg Biryani 180, Hyderabadi Chicken
    Biryani 230, Chicken Kebab 190
Continental | 104 | Grill, Bistro, Kitchen
    Grilled Chicken 320, Creamy Mushroom Pasta* 290, Fish And Chips 360, Caesar Salad 240, Garlic
    Bread* 140
Desserts | 76 | Sweet Tooth, Dessert House
    Chocolate Brownie* 110, Gulab Jamun* 70, Cheesecake* 180, Red Velvet Pastry* 120
Beverages | 75 | Juice Junction, Sips
    Fresh Lime Soda* 60, Mango Lassi* 90, Cold Coffee* 100, Masala Chai* 30
Cafe | 73 | Cafe, Coffee House
    Cappuccino* 120, Chicken Sandwich 170, Blueberry Muffin* 110, English Breakfast 260
Street Food | 55 | Chaat Corner, Chowpatty
    Pani Puri* 50, Pav Bhaji* 100, Vada Pav* 40, Sev Puri* 60, Samosa Chaat* 70
Italian | 54 | Trattoria, Pasta Bar
    Spaghetti Aglio Olio* 280, Lasagne 340, Penne Arrabbiata* 270, Tiramisu* 220, Margherita Pizza*
    300
Bakery | 43 | Bakery, Bake House
    Veg Puff* 30, Chicken Puff 45, Butter Croissant* 80, Plum Cake* 90
Andhra | 41 | Andhra Ruchulu, Spice Mess
    Andhra Meals* 180, Gongura Chicken 260, Chilli Prawns 320, Pesarattu* 80
Seafood | 37 | Fish Land, Coast Kitchen
    Fish Curry 260, Prawn Ghee Roast 340, Fish Fry 280, Crab Masala 380
Mughlai | 33 | Darbar, Mughal Court
    Mutton Rogan Josh 320, Chicken Korma 270, Galouti Kebab 300, Rumali Roti* 30
Pizza | 31 | Pizzeria, Pizza Oven
    Margherita Pizza* 220, Farmhouse Pizza* 290, Chicken Tikka Pizza 330, Garlic Bread* 120
Kerala | 31 | Malabar Kitchen, Backwaters
    Appam With Stew 180, Kerala Parotta* 30, Malabar Fish Curry 270, Puttu Kadala* 90
Rolls | 27 | Roll Junction, Kathi Corner
    Egg Roll 80, Paneer Kathi Roll* 120, Chicken Kathi Roll 140
Burger | 27 | Burger Barn, Bun House
    Chicken Burger 170, Paneer Burger* 150, Cheese Fries* 130
Ice Cream | 24 | Scoops, Ice Cream Parlour
    Butterscotch Scoop* 70, Chocolate Sundae* 140, Kulfi* 60
Momos | 22 | Momo Point, Himalayan Steam
    Chicken Momos 110, Veg Momos* 90, Thukpa 140
Arabian | 21 | Shawarma Stop, Al Bake
    Chicken Shawarma 110, Grilled Chicken Platter 320, Hummus With Pita* 160
Mithai | 18 | Mithai Shop, Sweets
    Kaju Katli* 160, Mysore Pak* 120, Rasgulla* 80
Thai | 18 | Thai Pavilion, Basil Leaf
    Green Curry With Rice 320, Pad Thai 290, Tom Yum Soup 190
Healthy Food | 14 | Salad Bowl, Green Plate
    Quinoa Salad* 240, Grilled Chicken Salad 270, Smoothie Bowl* 220
Japanese | 6 | Sushi Bar, Izakaya
    Salmon Sushi 480, Chicken Ramen 390, Vegetable Tempura* 320
"""


def _dish(text: str) -> Dish:
    name, _, rupees = text.strip().rpartition(" ")
    return Dish(name.rstrip("*"), int(rupees), name.endswith("*"))


def _cuisine(entry: str) -> Cuisine:
    heading, *lines = entry.splitlines()
    name, share, called = (each.strip() for each in heading.split("|"))
    names = tuple(each.strip() for each in called.split(","))
    return Cuisine(
        name, int(share), names, tuple(map(_dish, " ".join(map(str.strip, lines)).split(",")))
    )


CUISINES = tuple(_cuisine(each) for each in re.split(r"\n(?! )", _TABLE.strip()))
BY_NAME = {each.name: each for each in CUISINES}
