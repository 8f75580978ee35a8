# Thin names for tools/dev, which says what each does: `make help`. Options go after the name: tools/dev test --only lint
.DEFAULT_GOAL := help
VERBS := setup build test lint fmt gen bench fuzz run demo ui interop fresh doctor clean help
.PHONY: $(VERBS)

$(VERBS):
	@sh tools/bootstrap $@ $(ARGS)
