//! Messages, defined once for their type and their bytes.

/// Defines a struct or an enum together with how it travels, so that the two cannot drift apart.
macro_rules! travels {
    (
        $(#[$about:meta])*
        pub struct $name:ident {
            $($(#[$note:meta])* pub $field:ident: $kind:ty,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$note])* pub $field: $kind,)*
        }

        impl super::codec::Wire for $name {
            fn put(&self, out: &mut Vec<u8>) {
                $(super::codec::Wire::put(&self.$field, out);)*
            }

            fn take(from: &mut super::codec::Reader<'_>) -> Result<Self, super::codec::Malformed> {
                Ok(Self { $($field: super::codec::Wire::take(from)?,)* })
            }
        }
    };
    (
        $(#[$about:meta])*
        pub enum $name:ident {
            $($(#[$note:meta])* $tag:literal => $variant:ident
              $({ $($(#[$remark:meta])* $field:ident: $kind:ty,)* })?,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$note])* $variant $({ $($(#[$remark])* $field: $kind,)* })?,)*
        }

        impl super::codec::Wire for $name {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $({ $($field),* })? => {
                        out.push($tag);
                        $($(super::codec::Wire::put($field, out);)*)?
                    })*
                }
            }

            fn take(from: &mut super::codec::Reader<'_>) -> Result<Self, super::codec::Malformed> {
                match <u8 as super::codec::Wire>::take(from)? {
                    $($tag => Ok(Self::$variant $({
                        $($field: super::codec::Wire::take(from)?,)*
                    })?),)*
                    _ => Err(super::codec::Malformed { what: stringify!($name) }),
                }
            }
        }
    };
}

pub(super) use travels;
