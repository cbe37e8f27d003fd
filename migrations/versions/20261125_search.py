"""Makes search in French and English possible: stems of titles at once, of everything else a moment later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_search"
down_revision = "20261125_walks"
branch_labels = None
depends_on = None

WORDS = """
create function catalog.title_words(title text, language text) returns tsvector immutable parallel safe language sql
return to_tsvector(
    case when language = 'fr' then 'pg_catalog.french'::regconfig else 'pg_catalog.english'::regconfig end,
    catalog.fold(coalesce(title, '')))
"""
"""With a body that is read once, here: the planner looks into the index for readers who may not look into catalog."""


def upgrade() -> None:
    op.execute(WORDS)
    op.execute("comment on function catalog.title_words(text, text) is 'Stems of a title, in its language.'")
    op.drop_index("ix_paper_title_words", table_name="paper", schema="catalog")
    op.create_index(
        "ix_paper_title_words",
        "paper",
        [sa.literal_column("catalog.title_words(title, title_language)")],
        schema="catalog",
        postgresql_using="gin",
    )
    op.create_table(
        "paper_words",
        sa.Column("paper_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="The paper."),
        sa.Column(
            "words", postgresql.TSVECTOR(), nullable=False, comment="Stems: title A, authors B, venue C, abstract D."
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="State of the paper they are of."),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_paper_words")),
        schema="catalog",
        comment="What full-text search looks through, apart from papers: computing it is dear, so it happens later.",
    )
    op.create_index(op.f("ix_paper_words_words"), "paper_words", ["words"], schema="catalog", postgresql_using="gin")
    op.create_table(
        "word",
        sa.Column("word", sa.Text(collation="C"), nullable=False, comment="The word, folded."),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_word")),
        schema="catalog",
        comment="Words of titles and names of authors ever met: what a misspelt word of a search may have meant.",
    )
    op.create_index("ix_word_reverse", "word", [sa.text("reverse(word)")], schema="catalog")


def downgrade() -> None:
    op.drop_table("word", schema="catalog")
    op.drop_table("paper_words", schema="catalog")
    op.drop_index("ix_paper_title_words", table_name="paper", schema="catalog")
    op.create_index(
        "ix_paper_title_words",
        "paper",
        [sa.text("to_tsvector('simple', coalesce(title, ''))")],
        schema="catalog",
        postgresql_using="gin",
    )
    op.execute("drop function catalog.title_words(text, text)")
