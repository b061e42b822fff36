# SPDX-License-Identifier: BSD-2-Clause
"""What tools/page is made of: a reader of records, what it makes of them, and the page, JUnit XML and Markdown that show it."""
