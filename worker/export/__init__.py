"""The catalog in other people's formats. Pure: rows come in, text, tables or files come out."""
