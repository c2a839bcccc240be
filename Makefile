# CosmosKernel. `make help` lists what can be made; docs/ explains.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
BUILD := dotnet build -c Release -v q -nologo
TOOL = tools/$(1)/bin/Release/net10.0/$(1)

# One more module, from anywhere: make run MODULE=DIR
MODULE ?=
CPUS ?= 4
MEMORY ?= 512

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: ## Install the Debian packages that are missing (run and test do it too)
	@tools/build/install.sh

.PHONY: tools
tools: install
	@tools/build/restore.sh
	@dotnet build tools/tools.proj -c Release -v q -nologo

.PHONY: kernel
kernel: tools ## build/kernel.elf, with symbols
	@tools/build/build-kernel.sh kernel Kernel/Image/modules.conf $(MODULE)

.PHONY: test-kernel
test-kernel: tools ## build/test-kernel.elf: the kernel with the in-kernel tests
	@tools/build/build-kernel.sh test-kernel Tests/Kernel/modules.conf $(MODULE)

.PHONY: iso
iso: kernel ## build/cosmoskernel.iso, for BIOS and UEFI
	@tools/build/make-iso.sh build/kernel.elf build/cosmoskernel.iso

.PHONY: test-iso
test-iso: test-kernel
	@tools/build/make-iso.sh build/test-kernel.elf build/test.iso

.PHONY: run
run: iso ## Boot the ISO in QEMU, with the console on this terminal (Ctrl-A X ends it)
	@tools/build/run.sh build/cosmoskernel.iso $(CPUS) $(MEMORY)

.PHONY: cosmos
cosmos: tools ## Build and boot a Cosmos kernel: make cosmos KERNEL=path/to/kernel.csproj
	@tools/build/cosmos.sh "$(KERNEL)" $(CPUS) $(MEMORY)

.PHONY: test
test: iso test-iso ## Unit tests, checks, and boots; ends with "N passed, N failed"
	@tools/build/test.sh

.PHONY: soak
soak: test-iso ## The torture tests for half an hour each: make soak MINUTES=30
	@tools/build/soak.sh $(or $(MINUTES),30)

.PHONY: bench
bench: iso test-iso ## The figures, and the time to boot beside Linux in the same QEMU
	@tools/build/bench.sh

.PHONY: format
format: ## Rewrite the sources in the project's style
	@dotnet format CosmosKernel.sln

.PHONY: clean
clean: ## Remove everything that was built
	@rm -rf build
	@find . -type d \( -name bin -o -name obj \) -not -path './.git/*' -prune -exec rm -rf {} +
