# Hindsight: make demo shows it, make test tests it.

GO ?= go
export CGO_ENABLED = 0

GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# Tests run two at a time: each of them is two processes that take turns.
TEST = $(GO) run ./scripts/runtests -count=1 -parallel=2

.PHONY: build demo test test-full check bench stress-ng lint fuzz clean

build:
	$(GO) build -trimpath -o bin/hindsight ./cmd/hindsight

demo: build
	demo/run

# What has to hold before any test is worth its time.
check:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then \
		echo "not formatted by gofmt:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...

# Everything once, in some minutes.
test: build
	scripts/install-deps
	$(MAKE) --no-print-directory check
	$(TEST) -timeout=40m ./...

# Every program ten times, with all stress modes: days.
test-full: build
	scripts/install-deps full
	$(MAKE) --no-print-directory check
	HINDSIGHT_REPEAT=10 HINDSIGHT_STRESS=all $(TEST) -timeout=240h ./...

# Prints ratios of recorded and replayed to native time beside their bounds.
bench: build
	scripts/install-deps
	$(GO) run ./bench -hindsight bin/hindsight

# Each stressor of stress-ng, recorded and replayed; goes on where it was stopped. STRESSORS chooses some.
stress-ng: build
	scripts/install-deps full
	$(GO) run ./scripts/stressng -hindsight bin/hindsight -run '$(STRESSORS)' -o docs/stress-ng.md

lint:
	$(GO) run $(GOLANGCI_LINT) run ./...

# Each parser for FUZZTIME.
FUZZTIME ?= 10m
fuzz:
	scripts/fuzz $(FUZZTIME)

clean:
	rm -rf bin
