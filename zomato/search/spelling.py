"""Words from other scripts have no one spelling: biryani, biriyani, briyani are one dish.

In a real file 945 restaurants have biryani and 105 biriyani, so neither is a mistake, and an index that
takes a word as it is finds a tenth of them. Which words are one cannot be seen from letters or counts:
thali is as near to thai, and cake to cafe. So it is a table, used for texts and questions alike.
Page: docs/zomato/search.md
"""

from chapters.inverted_index import words

_TABLE = """
biryani: biriyani briyani biryaani biriani biryanis biriyanis briyanis
kebab: kabab kababs kebabs kabob
chicken: chiken chikan chickens
momos: momo momoz
dosa: dosai dose dosas
idli: idly idlis idlies
vada: vadai vade vadas wada
sambar: sambhar sambaar
chaat: chat chats chaats
kathi: kati kaati katti
paratha: parathas parantha paranthas
roti: rotti rotis
pulao: pulav pilaf
noodles: noodle
pizza: pizzas
burger: burgers
juice: juices
cake: cakes
waffle: waffles
shawarma: shwarma shavarma
"""
ONE_SPELLING = {
    variant: line.partition(":")[0]
    for line in _TABLE.strip().splitlines()
    for variant in words(line.partition(":")[2])
}


def spelled(text: str) -> list[str]:
    """Return the words of a text, each as all its spellings are indexed."""
    return [ONE_SPELLING.get(word, word) for word in words(text)]
