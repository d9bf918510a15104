# shellcheck shell=bash
# What the Android modules are, and how each becomes a jar, an AAR or an APK: sourced after
# android.bash.

: "${root:?}" "${android:?}" "${out:?android.bash is sourced first}" "${till_version:?}"

# Prints the package of a module, Gradle's namespace.
namespace_of() {
    case $1 in
        models) echo dev.till.models ;;
        terminal) echo dev.till ;;
        alipayplus) echo dev.till.alipayplus ;;
        app) echo dev.till.terminal ;;
        sample-pos) echo dev.till.sample ;;
        *) die "no Android module '$1'" ;;
    esac
}

# Prints the modules that a module is built with.
needs_of() {
    case $1 in
        models | terminal) ;;
        alipayplus) echo terminal ;;
        app) echo models terminal ;;
        sample-pos) echo models ;;
    esac
}

# Prints the sets of jars that a module is built with.
jar_sets_of() {
    case $1 in
        models) echo library models ;;
        terminal | alipayplus) echo library ;;
        app | sample-pos) echo library models ;;
    esac
}

# Prints a number of gradle.properties.
build_number() {
    awk -F= -v key="till.$1" '$1 == key { print $2 }' "$root/gradle.properties"
}

# Prints the number that Android compares versions by: 1.2.3 is 10203.
version_code() {
    awk -F'[.-]' '{ print $1 * 10000 + $2 * 100 + $3 }' <<<"$till_version"
}

# Prints the class path that a module is compiled with: its libraries, and the framework if it has one.
module_path() {
    local module=$1 sets needed path
    read -ra sets <<<"$(jar_sets_of "$module")"
    [[ $module == models ]] || sets+=(framework)
    path=$(class_path "${sets[@]}")
    for needed in $(needs_of "$module"); do
        path=$(classes_of "$needed"):$path
    done
    echo "$path"
}

# Prints where the classes of a module are for the modules that use it.
classes_of() {
    if [[ $1 == models ]]; then
        echo "$out/models/classes"
    else
        echo "$out/$1/packed"
    fi
}

# Prints where libtill.so is for each ABI: as released, or else as linked for verification; nothing
# if there is neither.
library_folder() {
    local folder
    for folder in "$out/libs" "$out/libs-not-for-release"; do
        if [[ -f $folder/arm64-v8a/libtill.so ]]; then
            echo "$folder"
            return
        fi
    done
}

# Prints why what holds libtill.so is not for release; nothing if it is.
not_for_release() {
    local abi lacking=""
    if [[ $(library_folder) == "$out/libs-not-for-release" ]]; then
        cat "$out/libs-not-for-release/NOT-FOR-RELEASE.txt"
        return
    fi
    for abi in arm64-v8a armeabi-v7a x86_64; do
        [[ -f $out/libs/$abi/libtill.so ]] || lacking+=" $abi"
    done
    [[ -z $lacking ]] || echo "It lacks libtill.so for$lacking. Do not ship it."
}

# Prints a module's version; what must not be shipped says so in it.
version_of() {
    local why=""
    [[ $1 == models || $1 == sample-pos ]] || why=$(not_for_release)
    echo "$till_version${why:+-not-for-release}"
}

# Leaves a file in a folder that says so, if what is made of it must not be shipped.
mark() {
    local why
    why=$(not_for_release)
    [[ -z $why ]] || echo "$why" >"$1/NOT-FOR-RELEASE.txt"
}

# Writes a module's whole manifest: complete_manifest MODULE OUT VERSION_CODE MANIFEST...
complete_manifest() {
    local module=$1 to=$2 code=$3
    shift 3
    python3 "$root/scripts/lib/manifest.py" "$to" "$(namespace_of "$module")" \
        "$(build_number minSdk)" "$(build_number targetSdk)" "$(version_of "$module")" "$code" "$@"
}

# Compiles a module's resources, if it has any, into out/MODULE/res.zip.
compile_resources() {
    local module=$1 work=$out/$1 res=$android/$1/src/main/res
    rm -rf "$work/res.zip" "$work/res"
    [[ -d $res ]] || return 0
    # That nothing is public is a word for Gradle; aapt2 does not know it without a name.
    cp -r "$res" "$work/res"
    rm -f "$work/res/values/public.xml"
    aapt2 compile --dir "$work/res" -o "$work/res.zip"
}

# Makes a module's R classes and resource table: link_resources MODULE OPTIONS_OF_AAPT2...
link_resources() {
    local module=$1 work=$out/$1 needed overlays=()
    shift
    for needed in $(needs_of "$module") "$module"; do
        [[ ! -f $out/$needed/res.zip ]] || overlays+=(-R "$out/$needed/res.zip")
    done
    rm -rf "$work/generated"
    mkdir -p "$work/generated"
    # Debian's aapt2 is older than <queries>: it warns of what it would refuse, and warnings other
    # than that one, and one of the framework's table, end the build here.
    aapt2 link -I "$(class_path framework)" --manifest "$work/AndroidManifest.xml" \
        --java "$work/generated" --output-text-symbols "$work/R-full.txt" --auto-add-overlay \
        --warn-manifest-validation "$@" -o "$work/resources.ap_" "${overlays[@]}" \
        2>"$work/aapt2.txt" || die "$module: $(cat "$work/aapt2.txt")"
    ! grep -vE 'unexpected element <queries> found|Unknown chunk type .200.' "$work/aapt2.txt" >&2 \
        || die "$module: manifest or resources are not as aapt2 wants them"
}

# Makes the manifest, the R classes and the table of a library.
library_resources() {
    local module=$1 work=$out/$1 main=$android/$1/src/main
    need aapt2
    mkdir -p "$work"
    complete_manifest "$module" "$work/AndroidManifest.xml" 0 "$main/AndroidManifest.xml"
    compile_resources "$module"
    # Ids that apps change later: nothing may be compiled into classes.
    link_resources "$module" --non-final-ids --emit-ids "$work/ids.txt"
    check_prefix "$module"
    sed -E 's/ 0x[0-9a-f]+$/ 0x0/' "$work/R-full.txt" >"$work/R.txt"
}

# A library's resources share one space of names with its host's.
check_prefix() {
    local foreign
    foreign=$(awk '$2 != "styleable" && $3 !~ /^till_/ { printf " %s/%s", $2, $3 }' \
        "$out/$1/R-full.txt")
    [[ -z $foreign ]] || die "$1: these resources do not begin with till_:$foreign"
}

make_library() {
    local module=$1 work=$out/$1 sources=() folder
    library_resources "$module"
    for folder in "$android/$module"/src/main/{kotlin,java} "$work/generated"; do
        [[ ! -d $folder ]] || sources+=("$folder")
    done
    [[ $module != terminal ]] || sources+=("$out/generated/kotlin")
    compile "$module" "$work/classes" "$(stubs_of "$module")$(module_path "$module")" \
        -Xexplicit-api=strict -Werror -- "${sources[@]}"
    check_api "$module"
    make_aar "$module"
}

# Compiles declarations of classes that an app brings, and prints the begin of a class path of them.
stubs_of() {
    local stubs=$android/$1/src/stubs/java
    [[ -d $stubs ]] || return 0
    rm -rf "$out/$1/stubs"
    mkdir -p "$out/$1/stubs"
    find "$stubs" -name '*.java' -print0 | xargs -0 -r javac -nowarn -Xlint:-options -source 8 \
        -target 8 -cp "$(class_path framework)" -d "$out/$1/stubs" >&2
    echo "$out/$1/stubs:"
}

# Compares what a module's classes use with Android's API 24.
check_api() {
    local module=$1 sets others
    read -ra sets <<<"$(jar_sets_of "$module")"
    others=$(class_path "${sets[@]}")
    for needed in $(needs_of "$module"); do
        others+=:$(classes_of "$needed")
    done
    [[ ! -d $out/$module/stubs ]] || others+=:$out/$module/stubs
    mkdir -p "$out/tools"
    [[ $out/tools/SniffApi.class -nt $root/scripts/lib/SniffApi.java ]] \
        || javac -cp "$(class_path sniffer)" -d "$out/tools" "$root/scripts/lib/SniffApi.java"
    java -cp "$(class_path sniffer):$out/tools" SniffApi "$(class_path signature)" \
        "$out/$module/classes" "$others" >&2 \
        || die "$module: classes use what Android's API 24 does not have"
}

# Packs a library: make_aar MODULE
make_aar() {
    local module=$1 main=$android/$1/src/main work=$out/$1/aar rules=$android/$1/consumer-rules.pro
    rm -rf "$work" "$out/$module/packed"
    mkdir -p "$work/META-INF/com/android/build/gradle"
    cp "$out/$module/AndroidManifest.xml" "$work/"
    [[ ! -d $out/$module/res ]] || cp -r "$out/$module/res" "$work/"
    [[ ! -d $main/assets ]] || cp -r "$main/assets" "$work/"
    # The app makes its own R classes from R.txt.
    cp -r "$out/$module/classes" "$out/$module/packed"
    find "$out/$module/packed" \( -name R.class -o -name 'R$*.class' \) -delete
    # The AAR compresses it whole: classes are alike, and one by one they come to 260 kB more.
    pack "$out/$module/packed" "$work/classes.jar" --stored
    cp "$out/$module/R.txt" "$work/R.txt"
    : >"$work/public.txt"
    [[ ! -f $rules ]] || cp "$rules" "$work/proguard.txt"
    printf '%s\n' aarFormatVersion=1.0 aarMetadataVersion=1.0 \
        "minCompileSdk=$(build_number compileSdk)" \
        minCompileSdkExtension=0 minAndroidGradlePluginVersion=1.0.0 \
        coreLibraryDesugaringEnabled=false \
        >"$work/META-INF/com/android/build/gradle/aar-metadata.properties"
    if [[ $module == terminal ]]; then
        put_libraries "$work/jni"
        mark "$work"
    fi
    pack "$work" "$out/$module.aar"
}

# Copies libtill.so for each ABI: put_libraries FOLDER
put_libraries() {
    local from abi
    from=$(library_folder)
    [[ -n $from ]] || return 0
    for abi in arm64-v8a armeabi-v7a x86_64; do
        if [[ -f $from/$abi/libtill.so ]]; then
            mkdir -p "$1/$abi"
            cp "$from/$abi/libtill.so" "$1/$abi/"
        fi
    done
}

# Makes a signed APK of a module.
make_app() {
    local module=$1 work=$out/$1 main=$android/$1/src/main sources=() manifests=() packages=()
    local needed folder
    need aapt2 apksigner dexdump
    mkdir -p "$work"
    : >"$work/ids.txt"
    for needed in $(needs_of "$module"); do
        [[ $needed != models ]] || continue
        manifests+=("$android/$needed/src/main/AndroidManifest.xml")
        packages+=(--extra-packages "$(namespace_of "$needed")")
        # A resource of a library has one id in all tests, whichever table they load.
        sed "s/^$(namespace_of "$needed"):/$(namespace_of "$module"):/" "$out/$needed/ids.txt" \
            >>"$work/ids.txt"
    done
    complete_manifest "$module" "$work/AndroidManifest.xml" "$(version_code)" \
        "$main/AndroidManifest.xml" "${manifests[@]}"
    compile_resources "$module"
    link_resources "$module" --proguard "$work/keep.pro" --stable-ids "$work/ids.txt" "${packages[@]}"
    for folder in "$main"/{kotlin,java} "$work/generated"; do
        [[ ! -d $folder ]] || sources+=("$folder")
    done
    compile "$module" "$work/classes" "$(module_path "$module")" -Werror -- "${sources[@]}"
    check_api "$module"
    make_dex "$module"
    pack_app "$module"
}

# Makes a module's classes.dex, of its own classes, those of its modules, and its jars.
make_dex() {
    local module=$1 work=$out/$1 inputs=() needed
    pack "$work/classes" "$work/classes.jar"
    inputs=("$work/classes.jar")
    for needed in $(needs_of "$module"); do
        if [[ $needed == models ]]; then
            inputs+=("$out/models.jar")
        else
            inputs+=("$out/$needed/aar/classes.jar")
        fi
    done
    when_changed "$out/jars-dex.zip" make_jars_dex --
    rm -rf "$work/dex"
    mkdir -p "$work/dex"
    d8 --release --output "$work/dex" "${inputs[@]}" "$out/jars-dex.zip"
}

# The jars are the same for all apps, and most of the work.
make_jars_dex() {
    local jars=()
    IFS=: read -ra jars <<<"$(class_path library models)"
    d8 --release --intermediate --output "$out/jars-dex.zip" "${jars[@]}"
}

# Android's framework jar leaves Java's own classes to the JDK.
d8() {
    local java_home
    java_home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
    java -Xmx1g -cp "$(class_path r8)" com.android.tools.r8.D8 \
        --min-api "$(build_number minSdk)" --lib "$java_home" --lib "$(class_path framework)" \
        "$@" >&2
}

# Packs, signs and checks an APK: libraries uncompressed and at 16 KB, signatures v2 and v3.
pack_app() {
    local module=$1 work=$out/$1 apk=$out/$1.apk
    rm -rf "$work/apk"
    mkdir -p "$work/apk/assets"
    python3 -m zipfile -e "$work/resources.ap_" "$work/apk"
    cp "$work"/dex/classes*.dex "$work/apk/"
    [[ ! -d $android/$module/src/main/assets ]] \
        || cp -r "$android/$module/src/main/assets/." "$work/apk/assets/"
    if [[ " $(needs_of "$module") " == *" terminal "* ]]; then
        put_libraries "$work/apk/lib"
        mark "$work/apk/assets"
        cp "$out/notices.txt" "$work/apk/assets/notices.txt"
    fi
    python3 "$root/scripts/lib/apk_pack.py" pack "$work/apk" "$work/unsigned.apk"
    sign_app "$work/unsigned.apk" "$apk"
    check_app "$module" "$apk"
}

# Signs with the key of TILL_KEYSTORE, or with one that is made once and thrown away with target/.
sign_app() {
    local keys=${TILL_KEYSTORE:-$out/keys/throw-away.p12}
    export TILL_KEYSTORE_PASSWORD=${TILL_KEYSTORE_PASSWORD:-throw-away}
    if [[ ! -f $keys ]]; then
        [[ -z ${TILL_KEYSTORE:-} ]] || die "TILL_KEYSTORE names $keys, which is not there"
        mkdir -p "$out/keys"
        # RSA: its signatures are the same for the same bytes.
        keytool -genkeypair -keystore "$keys" -storetype PKCS12 -alias till -keyalg RSA \
            -keysize 3072 -validity 10000 -dname "CN=Till not for release" \
            -storepass:env TILL_KEYSTORE_PASSWORD >&2
    fi
    apksigner sign --ks "$keys" --ks-pass env:TILL_KEYSTORE_PASSWORD \
        --min-sdk-version "$(build_number minSdk)" --v1-signing-enabled false \
        --v2-signing-enabled true --v3-signing-enabled true --v4-signing-enabled false \
        --out "$2" "$1" >&2
}

# Fails unless an APK can be installed and mapped as far as this can be told without a device.
check_app() {
    local module=$1 apk=$2 signed badging
    signed=$(apksigner verify --verbose --min-sdk-version "$(build_number minSdk)" "$apk")
    grep -q 'v2 scheme.*: true' <<<"$signed" || die "$apk has no signature of scheme v2"
    grep -q 'v3 scheme.*: true' <<<"$signed" || die "$apk has no signature of scheme v3"
    python3 "$root/scripts/lib/apk_pack.py" check "$apk" || die "$apk cannot be mapped as it lies"
    dexdump -f "$apk" >"$out/$module/dexdump.txt" || die "$apk: its classes cannot be read"
    badging=$(aapt2 dump badging "$apk")
    grep -q "^package: name='$(namespace_of "$module")' versionCode='$(version_code)' " \
        <<<"$badging" || die "$apk is of another package or version"
    grep -q "^sdkVersion:'$(build_number minSdk)'" <<<"$badging" || die "$apk: another minSdk"
    ! grep -q '^application-debuggable' <<<"$badging" || die "$apk can be debugged by anybody"
    say "$module: $(stat -c %s "$apk") bytes"
}
