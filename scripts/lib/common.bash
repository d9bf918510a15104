# shellcheck shell=bash
# What the scripts share: sourced by each of them, after `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
self=scripts/${0##*/}

# Ends the script with one line.
die() {
    printf '%s: %s\n' "$self" "$1" >&2
    exit "${2:-1}"
}

# Says on standard error what goes on.
say() {
    printf '%s: %s\n' "$self" "$1" >&2
}

# Prints the script's own head: the comment that begins on its second line.
print_help() {
    awk 'NR == 1 { next } /^#/ { sub(/^# ?/, ""); print; next } { exit }' "$0"
}

# Ends the script unless the first argument, an option, has the second, its value.
needs_value() {
    [[ $# -ge 2 && -n $2 ]] || die "$1 needs a value; --help tells more" 2
}

# Ends the script unless the option's value is a whole number.
needs_number() {
    needs_value "$@"
    [[ $2 =~ ^[0-9]{1,18}$ ]] || die "$1 needs a whole number, not '$2'" 2
}

has() {
    # Debian keeps PostgreSQL's programs by version, and off the PATH.
    if [[ $1 == postgres ]] && compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null; then
        return
    fi
    command -v "$1" >/dev/null 2>&1
}

# Tells which packages hold a tool: package_of MANAGER TOOL.
package_of() {
    case $1:$2 in
        apt-get:aapt2) echo aapt ;;
        apt-get:cc) echo gcc libc6-dev ;;
        apt-get:clang++-19) echo clang-19 ;;
        apt-get:javac) echo openjdk-17-jdk-headless ;;
        apt-get:ld.lld-19) echo lld-19 ;;
        apt-get:llvm-*-19) echo llvm-19 ;;
        apt-get:mvn) echo maven ;;
        dnf:postgres) echo postgresql-server ;;
        *:postgres) echo postgresql ;;
        apk:cc) echo gcc musl-dev ;;
        *:cc) echo gcc ;;
        apt-get:chromedriver) echo chromium-driver ;;
        apk:chromedriver) echo chromium-chromedriver ;;
        brew:chromedriver) echo --cask chromedriver ;;
        brew:chromium) echo --cask chromium ;;
        dnf:shellcheck) echo ShellCheck ;;
        *) echo "$2" ;;
    esac
}

package_manager() {
    local manager
    for manager in apt-get dnf apk brew; do
        if has "$manager"; then
            echo "$manager"
            return
        fi
    done
}

# Gives the words that install with this manager, after what makes it root's work.
install_with() {
    local as_root=""
    if [[ $1 != brew && $(id -u) -ne 0 ]]; then
        as_root="sudo "
    fi
    case $1 in
        apt-get) echo "${as_root}apt-get install -y --no-install-recommends" ;;
        dnf) echo "${as_root}dnf install -y" ;;
        apk) echo "${as_root}apk add" ;;
        brew) echo "brew install" ;;
    esac
}

# Tells whether packages can be installed without asking anybody.
may_install() {
    [[ $1 == brew || $(id -u) -eq 0 ]] || { has sudo && sudo -n true 2>/dev/null; }
}

# Makes sure that the tools are there: installs what is missing where that can be done unasked, else
# returns 1 after one line that says what to install.
ensure() {
    local tool manager words missing=() packages=() command=()
    for tool in "$@"; do
        has "$tool" || missing+=("$tool")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    manager=$(package_manager)
    if [[ -z $manager ]]; then
        say "install ${missing[*]} first: this system has no package manager known here"
        return 1
    fi
    for tool in "${missing[@]}"; do
        read -ra words <<<"$(package_of "$manager" "$tool")"
        packages+=("${words[@]}")
    done
    read -ra command <<<"$(install_with "$manager") ${packages[*]}"
    if ! may_install "$manager"; then
        say "install first: ${command[*]}"
        return 1
    fi
    say "installs what is missing: ${command[*]}"
    run_installer "$manager" "${command[@]}" || true
    hash -r
    for tool in "${missing[@]}"; do
        if ! has "$tool"; then
            say "$tool could not be installed: ${command[*]}"
            return 1
        fi
    done
}

# Installs; with apt-get a second time after its lists were renewed, which fresh systems lack.
run_installer() {
    local manager=$1
    shift
    export DEBIAN_FRONTEND=noninteractive
    "$@" >/dev/null 2>&1 </dev/null && return 0
    [[ $manager == apt-get ]] || return 1
    if [[ $1 == sudo ]]; then
        sudo apt-get update >/dev/null 2>&1 </dev/null || true
    else
        apt-get update >/dev/null 2>&1 </dev/null || true
    fi
    "$@" >/dev/null 2>&1 </dev/null
}

# Ends the script unless these tools are there or can be had.
need() {
    ensure "$@" || exit 1
}

# Ends the script unless Rust and a C compiler are there; compilers are not chosen for anybody.
need_rust() {
    [[ -d ${CARGO_HOME:-$HOME/.cargo}/bin ]] && PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
    has cargo || die "install Rust first (rustup takes the version from rust-toolchain.toml)"
    if has rustup && ! (cd "$root" && cargo --version >/dev/null 2>&1); then
        say "installs the Rust version of rust-toolchain.toml, once"
        (cd "$root" && rustup toolchain install --no-self-update >&2) \
            || die "Rust could not be installed: rustup toolchain install"
    fi
    need cc
}

# Makes sure that a cargo subcommand is there: ensure_cargo NAME VERSION MINUTES.
ensure_cargo() {
    if ! has "cargo-$1"; then
        say "installs cargo-$1 $2, once; that takes about $3 minutes"
        cargo install --quiet --locked "cargo-$1" --version "$2" >&2 \
            || die "cargo-$1 could not be installed: cargo install --locked cargo-$1 --version $2"
    fi
}

# Prints cargo's target folder.
target_folder() {
    local target=${CARGO_TARGET_DIR:-target}
    case $target in
        /*) echo "$target" ;;
        *) echo "$root/$target" ;;
    esac
}
