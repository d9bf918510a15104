# shellcheck shell=bash
# A system root shaped like the NDK's, of public parts: to link Android libraries where there is no
# NDK, for verification, not for release. Sourced after common.bash and android.bash.

: "${root:?}" "${out:?}"
api=24

link_files=$root/scripts/lib/android_link
link_root=$out/link

# Makes root and compilers for a Rust target: make_root TRIPLE
make_root() {
    local triple=$1 clang_triple=$1 lib_triple=$1 options=() libraries kind real
    case $triple in
        armv7*)
            clang_triple=armv7a-linux-androideabi
            lib_triple=arm-linux-androideabi
            options=(-march=armv7-a -mthumb -mfpu=neon)
            ;;
        aarch64*) options=(-mno-outline-atomics) ;;
    esac
    libraries=$link_root/sysroot/usr/lib/$lib_triple/$api
    mkdir -p "$libraries" "$link_root/bin"
    CLANG=clang-19 LLD=ld.lld-19 python3 "$link_files/stubs.py" "$link_files/symbols.tsv" \
        "$triple" "$api" "$libraries"
    begin_object "$clang_triple" "$libraries"
    for kind in clang clang++; do
        real=$kind-19
        cat >"$link_root/bin/$clang_triple$api-$kind" <<WRAPPER
#!/bin/sh
exec $real --target=$clang_triple$api --sysroot=$link_root/sysroot ${options[*]} \\
    -Werror=implicit-function-declaration -nostdlibinc -isystem $link_files/include -fPIC \\
    --ld-path=$(command -v ld.lld-19) -Qunused-arguments -nodefaultlibs \\
    -Wl,-z,max-page-size=16384 -Wl,-z,defs "\$@"
WRAPPER
        chmod +x "$link_root/bin/$clang_triple$api-$kind"
    done
    unwinder "$link_root/bin/$clang_triple$api" "$libraries" "$link_root/objects/$lib_triple"
}

# Makes crtbegin_so and crtend_so: the handle of the library and the note with the API level.
begin_object() {
    local word=.quad
    [[ $1 != armv7a* ]] || word=.long
    clang-19 "--target=$1$api" -x assembler -c - -o "$2/crtbegin_so.o" <<ASSEMBLY
 .section .note.android.ident,"a",%note
 .balign 4
 .long 8
 .long 4
 .long 1
 .asciz "Android"
 .long $api
 .section .data.rel.ro,"aw"
 .hidden __dso_handle
 .globl __dso_handle
 .balign 8
__dso_handle: $word __dso_handle
 .section .note.GNU-stack,"",%progbits
ASSEMBLY
    clang-19 "--target=$1$api" -x assembler -c - -o "$2/crtend_so.o" </dev/null
}

# Builds libunwind of Rust's own sources: unwinder COMPILER LIBRARIES OBJECTS
unwinder() {
    local compiler=$1 objects=$3 source flags name
    source=$(rustc --print sysroot)/lib/rustlib/src/rust/src/llvm-project/libunwind
    [[ -d $source ]] || rustup component add rust-src >&2
    flags=(-Os -fPIC -fstrict-aliasing -fvisibility=hidden -ffunction-sections -fdata-sections
        -funwind-tables -DNDEBUG -D_LIBUNWIND_HIDE_SYMBOLS -D_LIBUNWIND_IS_NATIVE_ONLY
        "-I$source/include" "-I$source/src")
    rm -rf "$objects"
    mkdir -p "$objects"
    for name in libunwind Unwind-EHABI; do
        "$compiler-clang++" "${flags[@]}" -std=c++17 -nostdinc++ -fno-exceptions -fno-rtti \
            -c "$source/src/$name.cpp" -o "$objects/$name.o"
    done
    for name in Unwind-sjlj UnwindLevel1-gcc-ext UnwindLevel1; do
        "$compiler-clang" "${flags[@]}" -std=c11 -fexceptions \
            -c "$source/src/$name.c" -o "$objects/$name.o"
    done
    for name in UnwindRegistersRestore UnwindRegistersSave; do
        "$compiler-clang" "${flags[@]}" -c "$source/src/$name.S" -o "$objects/$name.o"
    done
    rm -f "$2/libunwind.a"
    llvm-ar-19 rcs "$2/libunwind.a" "$objects"/*.o
}
