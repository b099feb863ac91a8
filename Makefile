# Steptrace. `make` lists the targets; each does its own set-up.

GO        ?= go
BIN       := bin
FUNCTIONS := metadata rekognition
VERSION   := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS   := -s -w -X main.version=$(VERSION)

# The race detector needs a C compiler; without one the tests run plain.
CC_FOUND  := $(shell command -v $${CC:-cc} 2>/dev/null || command -v gcc 2>/dev/null)
RACE      := $(if $(CC_FOUND),-race,)
TESTFLAGS ?= -timeout 15m

# What reads and converts all that AWS sends is fuzzed by every run of the tests, so many times each: when a time runs
# out in the midst of an input, go test takes that for a failure now and then ("context deadline exceeded").
FUZZTIME  ?= 200000x
FUZZED    := history:FuzzDecode history:FuzzDecodeLogs convert:FuzzConvertHistory

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOFUMPT       := mvdan.cc/gofumpt@v0.12.0

.DEFAULT_GOAL := help
.PHONY: help demo up build functions package layer chdb plugin test test-plugin test-browser bench bench-wrapper bench-agent bench-store bench-queries fuzz lint fmt clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build chdb ## Run the image workflow for real, without AWS, and print its traces out of ClickHouse
	$(BIN)/steptrace demo

# Grafana's plugin is wanted only where there is a Grafana.
GRAFANA   := $(or $(GRAFANA_HOME),$(shell command -v grafana 2>/dev/null || command -v grafana-server 2>/dev/null))

up: build chdb ## Keep store, collector, agent, sandbox and, where installed, Grafana running
	$(if $(GRAFANA),$(MAKE) plugin PLATFORMS=$(shell $(GO) env GOOS)_$(shell $(GO) env GOARCH))
	$(BIN)/steptrace up

build: functions ## Build bin/steptrace and the workflow's Lambda functions
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "$(LDFLAGS)" -o $(BIN)/steptrace ./cmd/steptrace

BOOTSTRAPS := $(FUNCTIONS:%=$(BIN)/functions/%/bootstrap)

functions: $(BOOTSTRAPS)

# Go's build cache decides what is out of date, so these are phony on purpose.
.PHONY: $(BOOTSTRAPS)
$(BOOTSTRAPS): $(BIN)/functions/%/bootstrap:
	CGO_ENABLED=0 $(GO) build -tags lambda.norpc -trimpath -ldflags "-s -w" -o $@ ./image-workflow/$*

BOOTSTRAPS_ARM64 := $(FUNCTIONS:%=$(BIN)/functions-arm64/%/bootstrap)

package: $(BOOTSTRAPS_ARM64) ## Build the Lambda functions for AWS (arm64), where template.yaml looks for them

layer: ## Build the Lambda layer for other languages: bin/steptrace-layer-ARCH.zip
	$(GO) run ./lambda-wrapper/layer/pack -o $(BIN) -version $(VERSION)

.PHONY: $(BOOTSTRAPS_ARM64)
$(BOOTSTRAPS_ARM64): $(BIN)/functions-arm64/%/bootstrap:
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 $(GO) build -tags lambda.norpc -trimpath -ldflags "-s -w" \
	  -o $@ ./image-workflow/$*

PLUGIN    := grafana-plugin
# Platforms that the data source's backend is built for: what Grafana runs on.
PLATFORMS ?= linux_amd64 linux_arm64 darwin_arm64

BACKENDS  := $(PLATFORMS:%=$(PLUGIN)/dist/datasource/gpx_steptrace_datasource_%)

plugin: $(PLUGIN)/node_modules $(BACKENDS) ## Build the Grafana plugin: grafana-plugin/dist
	cd $(PLUGIN) && npm run --silent build

.PHONY: $(BACKENDS)
$(BACKENDS): $(PLUGIN)/dist/datasource/gpx_steptrace_datasource_%:
	GOOS=$(firstword $(subst _, ,$*)) GOARCH=$(lastword $(subst _, ,$*)) CGO_ENABLED=0 \
	  $(GO) build -trimpath -ldflags "-s -w" -o $@ ./$(PLUGIN)/backend

$(PLUGIN)/node_modules: $(PLUGIN)/package-lock.json
	cd $(PLUGIN) && npm ci --no-audit --no-fund
	touch $@

chdb: ## Fetch the embedded ClickHouse engine into the user's cache (once)
	$(GO) run ./store/embedded/fetch

test-plugin: $(PLUGIN)/node_modules ## Check and test the Grafana plugin's front end alone
	cd $(PLUGIN) && npm run --silent typecheck && npm run --silent typecheck:10 && npm run --silent lint && npm test --silent

test-browser: $(PLUGIN)/node_modules chdb ## Test the built Grafana plugin in Chromium, where that is installed
	cd $(PLUGIN) && npm run --silent test:browser

test: chdb build test-plugin test-browser ## Run all tests (with the race detector where a C compiler is); fuzz with FUZZTIME inputs each
	$(GO) vet $(RACE) ./... # the flags of the tests, so that nothing is compiled twice
	$(GO) test $(RACE) $(TESTFLAGS) ./...
	@for f in $(FUZZED); do \
	  echo "agent/$${f%:*} $${f#*:}, $(FUZZTIME)"; \
	  $(GO) test -run '^$$' -fuzz "^$${f#*:}\$$" -fuzztime $(FUZZTIME) ./agent/$${f%:*} || exit 1; \
	done

bench: chdb $(PLUGIN)/node_modules ## Print speed and size figures beside their peers
	$(GO) run ./cmd/bench
	cd $(PLUGIN) && npm run --silent bench

bench-wrapper: ## The Lambda wrapper's figures alone; likewise bench-agent, bench-store and bench-queries
	$(GO) run ./cmd/bench wrapper

bench-agent:
	$(GO) run ./cmd/bench agent

# How many spans the store is measured with; queries are asked at 1e6 and 1e7, larger as you like.
SPANS   ?= 1e5,1e6
QUERIED ?= 1e6,1e7

bench-store: chdb
	$(GO) run ./cmd/bench -spans $(SPANS) store

bench-queries: chdb
	$(GO) run ./cmd/bench -spans $(QUERIED) queries

fuzz: ## Fuzz every parser for a minute each
	@for pkg in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime 60s $$pkg || exit 1; \
	  done; \
	done

lint: ## Run golangci-lint
	$(GO) run $(GOLANGCI_LINT) run ./...

fmt: ## Format the Go code
	$(GO) run $(GOFUMPT) -l -w .

clean: ## Remove what make built (not the cached engine)
	rm -rf $(BIN) $(PLUGIN)/dist $(PLUGIN)/browser/dist
