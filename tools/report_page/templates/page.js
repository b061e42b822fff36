/* SPDX-License-Identifier: BSD-2-Clause */
"use strict";
/* What is folded away is printed, but for raw records. */
addEventListener("beforeprint", () => {
	for (const each of document.querySelectorAll("details:not(.raw):not([open])")) {
		each.open = true;
		each.dataset.printed = "yes";
	}
});
addEventListener("afterprint", () => {
	for (const each of document.querySelectorAll("details[data-printed]")) {
		each.open = false;
		delete each.dataset.printed;
	}
});
