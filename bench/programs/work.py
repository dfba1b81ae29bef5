# A workload in Python alone: objects, dictionaries, strings, sorting.
class Node:
    def __init__(self, key):
        self.key, self.left, self.right = key, None, None


def insert(root, key):
    while True:
        side = "left" if key < root.key else "right"
        child = getattr(root, side)
        if child is None:
            setattr(root, side, Node(key))
            return
        root = child


def depth(node):
    return 0 if node is None else 1 + max(depth(node.left), depth(node.right))


root, x, words = Node(500000), 1, {}
for i in range(60000):
    x = (x * 1103515245 + 12345) % 2147483648
    insert(root, x % 1000003)
    word = "%x" % (x % 4096)
    words[word] = words.get(word, 0) + 1
pairs = sorted(words.items(), key=lambda p: (-p[1], p[0]))
print(depth(root), len(words), pairs[0], sum(i * i % 7 for i in range(1000000)))
