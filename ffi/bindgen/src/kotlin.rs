//! Kotlin types and their codecs in uniffi's wire format, over the hand-written Reader and Writer.
//!
//! The types are no data classes: what a generated toString printed would be in logs one day.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "uniffi's types, of which few have a place here"
)]

use std::fmt::Write as _;

use anyhow::bail;
use heck::{ToLowerCamelCase as _, ToShoutySnakeCase as _};
use uniffi_bindgen::ComponentInterface;
use uniffi_bindgen::interface::{AsType as _, Enum, Field, Record, Type};

/// Writes the whole file; without the doc comments it is what the interface's number is made of.
pub(crate) fn code(
    interface: &ComponentInterface,
    package: &str,
    docs: bool,
) -> anyhow::Result<String> {
    let mut out = Out { package, docs, types: String::new(), codecs: String::new() };
    for record in interface.record_definitions() {
        out.record(record)?;
    }
    for one in interface.enum_definitions() {
        // A plain enum; an error's variants are classes even without fields.
        if one.is_flat() && !interface.is_name_used_as_error(one.name()) {
            out.words(one)?;
        } else {
            out.choice(one)?;
        }
    }
    let Out { types, codecs, .. } = out;
    Ok(format!(
        "// Written by till-bindgen from the library's metadata.\n\
         package {package}\n\n{types}\n{codecs}"
    ))
}

struct Out<'a> {
    package: &'a str,
    docs: bool,
    types: String,
    codecs: String,
}

impl Out<'_> {
    fn record(&mut self, record: &Record) -> anyhow::Result<()> {
        let name = record.name();
        let function = name.to_lower_camel_case();
        self.doc(record.docstring(), "")?;
        let parameters = self.parameters(record.fields())?;
        writeln!(self.types, "internal class {name}({parameters})")?;
        let made = reads(name, record.fields())?;
        writeln!(self.codecs, "internal fun Reader.{function}(): {name} = {made}")?;
        let written = writes(record.fields())?;
        writeln!(self.codecs, "internal fun Writer.{function}(v: {name}) {{ {written} }}")?;
        Ok(())
    }

    fn words(&mut self, one: &Enum) -> anyhow::Result<()> {
        let name = one.name();
        let function = name.to_lower_camel_case();
        self.doc(one.docstring(), "")?;
        writeln!(self.types, "internal enum class {name} {{")?;
        for variant in one.variants() {
            self.doc(variant.docstring(), "    ")?;
            writeln!(self.types, "    {},", variant.name().to_shouty_snake_case())?;
        }
        writeln!(self.types, "}}")?;
        writeln!(
            self.codecs,
            "internal fun Reader.{function}(): {name} = \
             {name}.entries.getOrElse(i32() - 1) {{ bad(\"{name}\") }}\n\
             internal fun Writer.{function}(v: {name}) {{ i32(v.ordinal + 1) }}"
        )?;
        Ok(())
    }

    fn choice(&mut self, one: &Enum) -> anyhow::Result<()> {
        let name = one.name();
        let function = name.to_lower_camel_case();
        self.doc(one.docstring(), "")?;
        writeln!(self.types, "internal sealed interface {name} {{")?;
        let mut reader = format!("internal fun Reader.{function}(): {name} = when (i32()) {{\n");
        let mut writer = format!("internal fun Writer.{function}(v: {name}) {{ when (v) {{\n");
        for (number, variant) in (1..).zip(one.variants()) {
            let own = variant.name();
            let fields = variant.fields();
            self.doc(variant.docstring(), "    ")?;
            if fields.is_empty() {
                writeln!(self.types, "    object {own} : {name}")?;
            } else {
                let parameters = self.parameters(fields)?;
                writeln!(self.types, "    class {own}({parameters}) : {name}")?;
            }
            let made = reads(&format!("{name}.{own}"), fields)?;
            writeln!(reader, "    {number} -> {made}")?;
            let written = writes(fields)?;
            writeln!(writer, "    is {name}.{own} -> {{ i32({number}); {written} }}")?;
        }
        writeln!(self.types, "}}")?;
        writeln!(self.codecs, "{reader}    else -> bad(\"{name}\")\n}}\n{writer}}} }}")?;
        Ok(())
    }

    fn doc(&mut self, doc: Option<&str>, indent: &str) -> anyhow::Result<()> {
        let Some(doc) = doc.filter(|_| self.docs) else { return Ok(()) };
        writeln!(self.types, "{indent}/**")?;
        for line in doc.trim().lines() {
            let line = format!("{indent} * {}", line.trim());
            writeln!(self.types, "{}", line.trim_end())?;
        }
        writeln!(self.types, "{indent} */")?;
        Ok(())
    }

    fn parameters(&self, fields: &[Field]) -> anyhow::Result<String> {
        let mut parameters = Vec::new();
        for field in fields {
            let of_type = self.type_name(&field.as_type())?;
            parameters.push(format!("@JvmField val {}: {of_type}", name_of(field)));
        }
        Ok(parameters.join(", "))
    }

    /// Names a type in full, since a variant may have the name of any of them.
    fn type_name(&self, one: &Type) -> anyhow::Result<String> {
        Ok(match one {
            Type::Int32 => "kotlin.Int".to_owned(),
            Type::Int64 => "kotlin.Long".to_owned(),
            Type::Boolean => "kotlin.Boolean".to_owned(),
            Type::String => "kotlin.String".to_owned(),
            Type::Bytes => "kotlin.ByteArray".to_owned(),
            Type::Record { name, .. } | Type::Enum { name, .. } => {
                format!("{}.{name}", self.package)
            }
            Type::Optional { inner_type } => format!("{}?", self.type_name(inner_type)?),
            Type::Sequence { inner_type } => {
                format!("kotlin.collections.List<{}>", self.type_name(inner_type)?)
            }
            other => bail!("{other:?} has no place in this interface: no Java form, or not needed"),
        })
    }
}

fn name_of(field: &Field) -> String {
    field.name().to_lower_camel_case()
}

fn reads(class: &str, fields: &[Field]) -> anyhow::Result<String> {
    if fields.is_empty() {
        return Ok(class.to_owned());
    }
    let values: anyhow::Result<Vec<_>> =
        fields.iter().map(|field| read(&field.as_type())).collect();
    Ok(format!("{class}({})", values?.join(", ")))
}

fn writes(fields: &[Field]) -> anyhow::Result<String> {
    let write = |field: &Field| write(&field.as_type(), &format!("v.{}", name_of(field)));
    let values: anyhow::Result<Vec<_>> = fields.iter().map(write).collect();
    Ok(values?.join("; "))
}

fn read(one: &Type) -> anyhow::Result<String> {
    Ok(match one {
        Type::Optional { inner_type } => format!("opt {{ {} }}", read(inner_type)?),
        Type::Sequence { inner_type } => format!("list {{ {} }}", read(inner_type)?),
        other => format!("{}()", function(other)?),
    })
}

fn write(one: &Type, value: &str) -> anyhow::Result<String> {
    Ok(match one {
        Type::Optional { inner_type } => format!("opt({value}) {{ {} }}", write(inner_type, "it")?),
        Type::Sequence { inner_type } => {
            format!("list({value}) {{ {} }}", write(inner_type, "it")?)
        }
        other => format!("{}({value})", function(other)?),
    })
}

fn function(one: &Type) -> anyhow::Result<String> {
    Ok(match one {
        Type::Int32 => "i32".to_owned(),
        Type::Int64 => "i64".to_owned(),
        Type::Boolean => "bool".to_owned(),
        Type::String => "string".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::Record { name, .. } | Type::Enum { name, .. } => name.to_lower_camel_case(),
        other => bail!("{other:?} has no place in this interface"),
    })
}
