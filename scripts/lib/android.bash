# shellcheck shell=bash
# What the Android scripts share: sourced after common.bash.

: "${root:?common.bash is sourced first}"

android=$root/android
# shellcheck disable=SC2034 # for the scripts that source this
out=$(target_folder)/android
jars_list=$android/jars.tsv
repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
# shellcheck disable=SC2034 # for the scripts that source this
till_version=$(awk -F'"' '/^version = / { print $2; exit }' "$root/Cargo.toml")

# Prints the file of a coordinate in the local Maven repository.
jar_file() {
    local group artifact version extension classifier name
    IFS=: read -r group artifact version extension classifier <<<"$1"
    name=$artifact-$version${classifier:+-$classifier}.${extension:-jar}
    echo "$repository/${group//.//}/$artifact/$version/$name"
}

# Prints the coordinates of a set, one a line; without a set all of them.
jars_of() {
    awk -F'\t' -v want="${1:-}" '
        !/^#/ && (want == "" || ("," $1 ",") ~ ("," want ",")) { print $2 }
    ' "$jars_list"
}

# Prints a class path of the sets' jars.
class_path() {
    local set jar path=""
    for set in "$@"; do
        while read -r jar; do
            path+=${path:+:}$(jar_file "$jar")
        done < <(jars_of "$set")
    done
    echo "$path"
}

# Brings the jars of the list that are not here yet, and checks all of them.
fetch_jars() {
    local coordinate group artifact version extension classifier items="" work
    while read -r coordinate; do
        [[ -f $(jar_file "$coordinate") ]] && continue
        IFS=: read -r group artifact version extension classifier <<<"$coordinate"
        items+="<artifactItem><groupId>$group</groupId><artifactId>$artifact</artifactId>"
        items+="<version>$version</version><type>${extension:-jar}</type>"
        items+="${classifier:+<classifier>$classifier</classifier>}</artifactItem>"
    done < <(jars_of)
    if [[ -n $items ]]; then
        say "fetch: brings jars, once; that takes some minutes"
        need mvn
        work=$(mktemp -d)
        cat >"$work/pom.xml" <<POM
<project><modelVersion>4.0.0</modelVersion>
<groupId>dev.till</groupId><artifactId>jars</artifactId><version>1</version>
<packaging>pom</packaging>
<build><plugins><plugin>
<groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId>
<version>3.8.1</version><configuration><outputDirectory>$work/jars</outputDirectory>
<artifactItems>$items</artifactItems></configuration></plugin></plugins></build></project>
POM
        mvn --batch-mode --quiet --file "$work/pom.xml" "-Dmaven.repo.local=$repository" \
            dependency:copy >&2 </dev/null || die "the jars of android/jars.tsv cannot be had"
        rm -rf "$work"
    fi
    check_jars
}

# Compares every jar with its checksum in the list.
check_jars() {
    local coordinate sum
    while IFS=$'\t' read -r _ coordinate sum; do
        echo "$sum  $(jar_file "$coordinate")"
    done < <(grep -v '^#' "$jars_list") | sha256sum --check --quiet --strict >&2 \
        || die "a jar is not the one of android/jars.tsv; remove it from $repository"
}

# Prints one hash over files and folders, given as arguments; what is not there counts as nothing.
hash_of() {
    local path there=()
    for path in "$@"; do
        [[ ! -e $path ]] || there+=("$path")
    done
    find "${there[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum \
        | sha256sum | cut -c1-64
}

# Runs a command unless what it makes was made of the same inputs:
# when_changed OUT COMMAND... -- INPUTS...
when_changed() {
    local made=$1 command=() stamp
    shift
    while [[ $1 != -- ]]; do
        command+=("$1")
        shift
    done
    shift
    stamp=$(hash_of "$@" "$jars_list" "$root/gradle.properties" "$root"/scripts/lib/*.{bash,py})
    if [[ -e $made && -f $made.stamp && $(cat "$made.stamp") == "$stamp" ]]; then
        return 0
    fi
    rm -f "$made.stamp"
    "${command[@]}"
    echo "$stamp" >"$made.stamp"
}

# Compiles Kotlin, and Java beside it:
# compile NAME CLASSES CLASS_PATH OPTIONS... -- SOURCE_FOLDERS...
compile() {
    local name=$1 classes=$2 path=$3 options=() sources java
    shift 3
    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    shift
    rm -rf "$classes"
    mkdir -p "$classes"
    mapfile -t sources < <(find "$@" -name '*.kt' -o -name '*.java' 2>/dev/null | LC_ALL=C sort)
    [[ ${#sources[@]} -gt 0 ]] || return 0
    [[ " ${sources[*]} " != *".kt "* ]] || java -Xmx1500m -cp "$(class_path kotlin)" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler \
        -no-stdlib -no-reflect -jvm-target 1.8 -language-version 2.1 -api-version 2.1 \
        -jvm-default=no-compatibility -Xsuppress-version-warnings -Xlambdas=class \
        -Xsam-conversions=class \
        -module-name "$name" -cp "$path" -d "$classes" "${options[@]}" "${sources[@]}" >&2
    mapfile -t java < <(printf '%s\n' "${sources[@]}" | grep '\.java$' || true)
    [[ ${#java[@]} -gt 0 ]] || return 0
    javac -nowarn -Xlint:-options -source 8 -target 8 -cp "$classes:$path" -d "$classes" \
        "${java[@]}" >&2
}

# Packs a folder into an archive that is the same on every run: pack FOLDER ARCHIVE [--stored]
pack() {
    mkdir -p "$(dirname "$2")"
    python3 "$root/scripts/lib/zip.py" ${3:+"$3"} "$1" "$2"
}
