# SPDX-License-Identifier: BSD-2-Clause
# The page of a run: tools/page.

# The page needs more than a run does, and a run goes on without: the runner says what is missing.
GET_PAGE = [ "$(PAGE)" = off ] || [ -e $(BUILD)/.got-page ] || { tools/get page && touch $(BUILD)/.got-page; } || :

PAGE_TESTS := $(wildcard tests/page/*.t)

test-page: | $(BUILD)/.got-page $(BUILD)/.got-browser ## the page of a run: what is read, what is shown, and what hostile records come to
	@tools/get axe >/dev/null || :
	@prove -j2 --exec 'tools/tap python3' $(PAGE_TESTS)

SECONDS ?= 1200
fuzz-page: | $(BUILD)/.got-page ## mutated reports, for SECONDS=1200: each has to be read and shown
	@case '$(SECONDS)' in '' | *[!0-9]*) echo "fuzz-page: SECONDS=$(SECONDS) is no number of seconds" >&2; exit 1 ;; esac
	@python3 tests/page/fuzz.py $(SECONDS)
