"""Fixed word lists of titles. They ship with the program and are never learnt from a catalog, so a verdict
does not depend on what else is known.
"""

from __future__ import annotations

_STOP = """
a an and are as at be by can do does for from has have how in into is it its not of on onto or over our s that the
their them these this those through to toward towards under upon via was we what when where which who why will with
within without your you
un une le la les l d des du de et en au aux sur par pour dans avec ou qui que est son sa ses
der die das und fur im von zu mit ein eine el los las y con una il lo gli di da del della nel per
"""
STOP = frozenset(_STOP.split())
"""Words that carry nothing: articles, prepositions, pronouns in English and the languages near it."""

_COMMON = """
adaptive advanced advances algorithm algorithms analysis analyzing application applications approach approaches
architecture architectures art assessment automated automatic based better case challenges classification
comparative comparison complex computer computing control data database databases deep design detection
development distributed dynamic effective effects efficient efficiently environment environments estimation
evaluating evaluation experimental exploring fast framework general generation global high human image impact
implementation improved improving information integrated intelligent interactive introduction investigation
knowledge language large learning local machine making management measurement method methods mining model modeling
modelling models multi multiple natural network networks neural new non novel object online open optimal
optimization optimizing order parallel performance perspective practical practice prediction problem problems
process processes processing programming project quality queries query random real recent recognition research
results review robust role scalable scale science search self semantic semi set simple simulation small social
software some space spatial state statistical strategies structure structured studies study supervised support
survey system systems task tasks technique techniques technology text theory time tool tools towards training
understanding unsupervised use using video view virtual visual web work world
analyse apprentissage approche donnees etude methode modele reseaux systeme
"""
COMMON = STOP | frozenset(_COMMON.split())
"""Words so frequent in titles that sharing or lacking one says little."""

_GENERIC = """
abstract abstracts acknowledgement acknowledgements acknowledgment acknowledgments address addresses advertisement
announcement announcements appendix article articles author authors award awards back bibliography board book books
brief briefly briefs calendar call calls career careers chair chairs chairman chairmen chairperson chapter closing
column comment commentary comments committee committees communication communications community conclusion
conclusions conference contents contributors copyright corner corrections correspondence corrigenda cover
department departments dialogue digest director directors discussion editor editorial editorials editors errata
erratum essay events feature features foreword forewords front forum from general guest highlights honors
hosts in index information inside interview introduction introductory invited issue issues january february march
april may june july august september october november december journal keynote keynotes keywords letter letters
list literature masthead matter meeting meetings member members memoriam memory message messages minutes
miscellaneous news newsletter note notes notice noted notices number obituary officers on opening opinion organisation
organization organizers organizing outlook overview page pages panel panels paper papers part participants poster
posters preface prefaces preliminary presentation presentations president presidents proceedings profile profiles
program programme publication publications publisher publishers reader readers recent references reminiscences
reply report reports research response review reviewer reviewers reviews remarks section selected series session
sessions short society special speaker speakers sponsors spotlight staff standards statement steering subject
summaries summary supplement supplementary symposium table talk talks technical the thanks theme title to today
track tracks tributes tribute treasurer treasurers tutorial tutorials update updates vice vol volume welcome
welcoming word words workshop workshops year
avant propos editoriaux sommaire preface introduction conclusion remerciements annexe bibliographie
influential profiles distinguished trade press centers surveys
"""
GENERIC = STOP | frozenset(_GENERIC.split())
"""A title made of these alone ("Guest Editors' Introduction") names a place in an issue, not a work."""

_DECORATIONS = """
abstract abstracts extended only short long full version panel panels session tutorial tutorials demo demonstration
demonstrations poster invited talk talks keynote paper papers summary summaries experience industrial industry
research track slides note notes position preliminary report draft work progress
"""
DECORATIONS = frozenset(_DECORATIONS.split())
"""What sources add to a title in brackets, or before a colon: "(tutorial session)", "[extended abstract]"."""

CORRECTIONS = frozenset(("erratum", "errata", "corrigendum", "corrigenda", "addendum", "retracted"))
CORRECTING = frozenset(("correction", "corrections", "retraction", "withdrawal", "withdrawn"))
"""Words that mark a correction only in its set phrases."""
REPLIES = frozenset(("reply", "response", "rejoinder", "comment", "comments", "commentary", "discussion", "remarks"))

_OPPOSITES = """
with without, upper lower, maximum minimum, maximal minimal, maximizing minimizing, maximization minimization,
online offline, homogeneous heterogeneous, forward backward, positive negative, static dynamic, discrete continuous,
deterministic stochastic, single multiple, deductive inductive, sequential parallel, centralized distributed,
global local, increasing decreasing, before after, male female, men women, left right, black white
"""
OPPOSITES = frozenset(tuple(pair) for line in _OPPOSITES.split(",") for pair in (line.split(), line.split()[::-1]))
TURNING = frozenset(("non", "anti", "semi", "self", "multi", "quasi"))
"""Words that turn the next one into its contrary."""
TURNING_PREFIXES = TURNING | {"un", "in", "im", "ir", "dis", "de", "uni", "bi"}
"""The same, joined to the word: no slip of the pen."""

ROMAN = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
    "xi": "11", "xii": "12", "xiii": "13", "xiv": "14", "xv": "15",
}  # fmt: skip
_NUMBERS = """
one first, two second, three third, four fourth, five fifth, six sixth, seven seventh, eight eighth, nine ninth,
ten tenth, eleven eleventh, twelve twelfth, thirteen thirteenth, fourteen fourteenth, fifteen fifteenth,
sixteen sixteenth, seventeen seventeenth, eighteen eighteenth, nineteen nineteenth, twenty twentieth
"""
NUMBERS = {word: str(n) for n, words in enumerate(_NUMBERS.split(","), 1) for word in words.split()}
"""Numbers as words: "First Workshop" and "Second Workshop" are as different as 1 and 2."""
COUNTED = {**NUMBERS, "a": "1", "b": "2", "c": "3", "d": "4"}
"""What may stand for a number after a word of ``PART_WORDS``."""
PART_WORDS = frozenset(("part", "parts", "pt", "volume", "vol", "chapter", "book", "tome", "partie", "teil", "no"))
