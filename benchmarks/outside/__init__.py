"""A world by another hand: homes with real meters, made-up people, doors and stories, and the folder of files."""
