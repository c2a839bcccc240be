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
# What the kernel starts programs from: make run INITRAMFS=FILE for one of your own, INITRAMFS= for none, which gives the kernel's own console.
INITRAMFS ?= build/initramfs.cpio.gz
# Folders whose files go into build/initramfs.cpio.gz too.
TREES ?=
# 1: the kernel has the lock validator and lock statistics (docs/validator.md). Without a value only the test kernel has them.
VALIDATOR ?=
export VALIDATOR
MEMORY ?= 512
# 1: a kernel that modules can be loaded into (docs/module-loading.md): build/loadable-kernel.elf, build/loadable-test-kernel.elf. It knows no MODULE; that is for `make module`.
LOADABLE ?= 0
export LOADABLE
ifneq ($(LOADABLE),0)
VARIANT := loadable-
endif

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
ifeq ($(VARIANT),)
kernel: tools ## build/kernel.elf, with symbols; LOADABLE=1: build/loadable-kernel.elf, which modules can be loaded into
	@tools/build/build-kernel.sh kernel Kernel/Image/modules.conf $(MODULE)
else
kernel: loadable-kernel
endif

.PHONY: loadable-kernel
loadable-kernel: tools
	@LOADABLE=1 tools/build/build-kernel.sh loadable-kernel Kernel/Image/modules.conf

.PHONY: test-kernel
test-kernel: tools ## build/test-kernel.elf: the kernel with the in-kernel tests
	@tools/build/build-kernel.sh $(VARIANT)test-kernel Tests/Kernel/modules.conf $(MODULE)

.PHONY: bench-kernel
bench-kernel: test-kernel ## build/bench-kernel.elf: the test kernel without the lock validator, for figures
	@VALIDATOR=0 MANAGED_OF=test-kernel tools/build/build-kernel.sh bench-kernel Tests/Kernel/modules.conf $(MODULE)

.PHONY: module
module: loadable-kernel ## build/modules/NAME.ko of a module's folder, for the loadable kernel: make module MODULE="DIR ..."
	@tools/build/make-module.sh loadable-kernel $(MODULE)

# The folder lib/modules/RELEASE of an initramfs, with all modules that were built for the loadable kernel.
.PHONY: module-tree
module-tree: $(if $(MODULE),module,loadable-kernel)
	@tools/build/make-module-tree.sh build/module-tree loadable-kernel

.PHONY: modules-initramfs
modules-initramfs: loadable-kernel install ## build/modules-initramfs.cpio.gz: the modules of Tests/LoadableModules, and an init that loads and unloads them; build/module-programs.cpio.gz, build/kmod-initramfs.cpio: the same for Tests/Programs/module, and for kmod with Tests/Programs/kmod
	@tools/build/make-module.sh loadable-kernel $(sort $(dir $(wildcard Tests/LoadableModules/*/*.csproj)))
	@tools/build/make-module-tree.sh build/test-module-tree loadable-kernel
	@tools/build/make-initramfs.sh build/modules-initramfs.cpio.gz Tests/LoadableModules/initramfs build/test-module-tree
	@ONLY=module MODULES=build/modules tools/build/make-test-initramfs.sh build/module-programs.cpio.gz
	@tools/build/make-package-initramfs.sh kmod build/kmod-initramfs.cpio build/test-module-tree

.PHONY: initramfs
initramfs: install $(if $(VARIANT),module-tree) ## build/initramfs.cpio.gz: busybox and iso/initramfs, and more from folders: make initramfs TREES="DIR ..."
	@mkdir -p build
	@tools/build/make-initramfs.sh build/initramfs.cpio.gz $(TREES) $(if $(VARIANT),build/module-tree)

.PHONY: test-initramfs
test-initramfs: install ## build/test-initramfs.cpio.gz: the programs of Tests/Programs, and an init that runs them
	@mkdir -p build
	@tools/build/make-test-initramfs.sh build/test-initramfs.cpio.gz

.PHONY: debian-initramfs
debian-initramfs: install ## build/debian-initramfs.cpio: programs of Debian, and an init that runs the scripts of Tests/Programs/debian
	@tools/build/make-package-initramfs.sh debian build/debian-initramfs.cpio

.PHONY: load-initramfs
load-initramfs: tools ## build/load-initramfs.cpio: rt-tests, stress-ng and the .NET programs, and an init that runs them
	@mkdir -p build
	@tools/build/make-load-initramfs.sh build/load-initramfs.cpio

.PHONY: iso
iso: kernel $(if $(filter build/initramfs.cpio.gz,$(INITRAMFS)),initramfs) ## build/cosmoskernel.iso, for BIOS and UEFI
	@tools/build/make-iso.sh build/$(VARIANT)kernel.elf build/$(VARIANT)cosmoskernel.iso "$(INITRAMFS)"

.PHONY: test-iso
test-iso: test-kernel
	@tools/build/make-iso.sh build/test-kernel.elf build/test.iso

.PHONY: programs-iso
programs-iso: kernel test-initramfs
	@tools/build/make-iso.sh build/kernel.elf build/programs.iso build/test-initramfs.cpio.gz

.PHONY: run
run: iso ## Boot the ISO in QEMU, with the console on this terminal (Ctrl-A X ends it); LOADABLE=1: MODULE's files are in the initramfs, for modprobe
	@tools/build/run.sh build/$(VARIANT)cosmoskernel.iso $(CPUS) $(MEMORY)

.PHONY: cosmos
cosmos: tools ## Build and boot a Cosmos kernel: make cosmos KERNEL=path/to/kernel.csproj
	@tools/build/cosmos.sh "$(KERNEL)" $(CPUS) $(MEMORY)

.PHONY: test
test: export API_CHECK := 1
test: iso test-iso test-initramfs debian-initramfs load-initramfs programs-iso modules-initramfs pack ## Unit tests, checks, and boots; ends with "N passed, N failed"
	@tools/build/test.sh

.PHONY: soak
soak: test-iso ## The torture tests for half an hour each: make soak MINUTES=30
	@tools/build/soak.sh $(or $(MINUTES),30)

.PHONY: fuzz
fuzz: kernel test-initramfs ## Random system calls, and what they leave behind: make fuzz MINUTES=10 SEED=1 CPUS=4 ONLY=mmap,munmap
	@tools/build/fuzz.sh $(or $(MINUTES),10) $(or $(SEED),1) $(CPUS) $(if $(ONLY),fuzz.only=$(ONLY))

.PHONY: bench
bench: iso bench-kernel ## The figures, and the time to boot beside Linux in the same QEMU
	@tools/build/bench.sh

.PHONY: pack
pack: kernel ## The NuGet packages of the module API, its template, the boot-test library and the Cosmos API, into build/packages
	@tools/build/pack.sh
	@tools/build/pack-cosmos.sh build/packages

.PHONY: api
api: ## Kernel/Modules/api.txt anew from the sources, with the module API's version raised as the change asks for
	@$(BUILD) tools/apicheck
	@$(BUILD) Kernel/Files
	@tools/build/api.sh write Kernel/Files/bin/Release/net9.0

.PHONY: locks
locks: ## docs/locks.md anew from the sources, which a test compares
	@$(BUILD) tools/locks
	@dotnet $(call TOOL,locks).dll document --output docs/locks.md

.PHONY: syscalls
syscalls: ## docs/system-calls.md anew from the sources, which a test compares
	@$(BUILD) tools/syscalls
	@dotnet $(call TOOL,syscalls).dll --output docs/system-calls.md

.PHONY: format
format: ## Rewrite the sources in the project's style
	@dotnet format CosmosKernel.sln

.PHONY: clean
clean: ## Remove everything that was built
	@rm -rf build
	@find . -type d \( -name bin -o -name obj \) -not -path './.git/*' -prune -exec rm -rf {} +
