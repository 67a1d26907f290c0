//! What a request asks of AWS, counted where it is asked: calls to DynamoDB and KMS, capacity units.
//!
//! [`Meter::measure`] counts what its future does, however deep inside; futures that are joined in it too, tasks that are
//! spawned from it not (nothing that is spawned here calls AWS). The clients of [`crate::aws`] report to it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
            BeforeTransmitInterceptorContextRef,
        },
    },
    error::BoxError,
    operation::{
        batch_get_item::{BatchGetItemInput, BatchGetItemOutput},
        delete_item::{DeleteItemInput, DeleteItemOutput},
        get_item::{GetItemInput, GetItemOutput},
        put_item::{PutItemInput, PutItemOutput},
        query::{QueryInput, QueryOutput},
        scan::{ScanInput, ScanOutput},
        transact_write_items::{TransactWriteItemsInput, TransactWriteItemsOutput},
        update_item::{UpdateItemInput, UpdateItemOutput},
    },
    types::{ConsumedCapacity, ReturnConsumedCapacity},
};

tokio::task_local! {
    static METER: Meter;
}

/// Counts what is asked of AWS.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Usage>>);

/// What was asked of AWS.
///
/// DynamoDB does not tell what a write consumed that its condition refused, so that this is not in the units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Requests to DynamoDB, repetitions included.
    pub table_calls: u32,
    /// Requests to KMS, repetitions included.
    pub kms_calls: u32,
    /// How often a key in KMS gave neither a signature nor its public half, after all repetitions.
    pub key_errors: u32,
    /// Read capacity units.
    pub read_units: f64,
    /// Write capacity units.
    pub write_units: f64,
}

impl Meter {
    /// Does what `work` does, and counts.
    pub async fn measure<F: Future>(&self, work: F) -> F::Output {
        METER.scope(self.clone(), work).await
    }

    /// What was counted so far.
    #[must_use]
    pub fn usage(&self) -> Usage {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A key in KMS failed.
    pub(crate) fn add_key_error() {
        Self::add(|usage| usage.key_errors += 1);
    }

    /// Adds to the meter that is running; outside of all, as at start-up, nobody counts.
    fn add(count: impl FnOnce(&mut Usage)) {
        let _ = METER.try_with(|meter| count(&mut meter.0.lock().unwrap_or_else(PoisonError::into_inner)));
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table_calls,
            kms_calls,
            key_errors,
            read_units,
            write_units,
        } = self;
        write!(
            f,
            "{table_calls} table calls, {kms_calls} KMS calls, {read_units} RCU, {write_units} WCU"
        )?;
        if *key_errors > 0 {
            write!(f, ", {key_errors} key errors")?;
        }
        Ok(())
    }
}

/// Counts the calls of a DynamoDB client and what they consume, for which it asks with each.
#[derive(Debug)]
pub(crate) struct TableMeter;

/// Counts the calls of a KMS client.
#[derive(Debug)]
pub(crate) struct KmsMeter;

/// Each operation that tells its consumed capacity: what it is asked with, what it answers with, what it consumes.
macro_rules! metered {
    ($apply:ident) => {
        $apply! {
            GetItemInput, GetItemOutput, read_units;
            BatchGetItemInput, BatchGetItemOutput, read_units;
            QueryInput, QueryOutput, read_units;
            ScanInput, ScanOutput, read_units;
            PutItemInput, PutItemOutput, write_units;
            UpdateItemInput, UpdateItemOutput, write_units;
            DeleteItemInput, DeleteItemOutput, write_units;
            TransactWriteItemsInput, TransactWriteItemsOutput, write_units;
        }
    };
}

impl Intercept for TableMeter {
    fn name(&self) -> &'static str {
        "table meter"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        macro_rules! ask {
            ($($input:ident, $output:ident, $units:ident;)*) => {$(
                if let Some(input) = input.downcast_mut::<$input>() {
                    input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
                }
            )*};
        }
        metered!(ask);
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Meter::add(|usage| usage.table_calls += 1);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else {
            return Ok(());
        };
        macro_rules! add {
            ($($input:ident, $output:ident, $units:ident;)*) => {$(
                if let Some(output) = output.downcast_ref::<$output>() {
                    let consumed = output.consumed_capacity.iter().flat_map(Consumed::of_tables);
                    let units: f64 = consumed.filter_map(|table| table.capacity_units).sum();
                    Meter::add(|usage| usage.$units += units);
                }
            )*};
        }
        metered!(add);
        Ok(())
    }
}

impl Intercept for KmsMeter {
    fn name(&self) -> &'static str {
        "KMS meter"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Meter::add(|usage| usage.kms_calls += 1);
        Ok(())
    }
}

/// What an answer tells of the capacity: of one table, or of each.
trait Consumed {
    fn of_tables(&self) -> &[ConsumedCapacity];
}

impl Consumed for ConsumedCapacity {
    fn of_tables(&self) -> &[ConsumedCapacity] {
        std::slice::from_ref(self)
    }
}

impl Consumed for Vec<ConsumedCapacity> {
    fn of_tables(&self) -> &[ConsumedCapacity] {
        self
    }
}
