//! Blocks of serials, and what their serials are tied to.

use super::{Table, read::ids};
use crate::{
    error::{Error, classify},
    keys,
    row::{Item, attribute, primary, text},
};
use bubuh_core::{
    id::{BlockId, DocumentId, Serial},
    inventory::{Block, Tie, Ties},
    minting::Minting,
};

impl Table {
    /// Blocks with serials left, as far as the list knows.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn open_blocks(&self) -> Result<Vec<BlockId>, Error> {
        let items = self.partition(keys::INVENTORY, "BLOCK#", None).await?;
        ids(&items, "BLOCK#")
    }

    /// A few blocks with serials left, from this name on. The whole list is as long as there are stamps that nobody has
    /// used yet, and is one partition: millions can't read it for each document.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn open_blocks_from(&self, first: BlockId, few: i32) -> Result<Vec<BlockId>, Error> {
        let found = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(keys::INVENTORY))
            .expression_attribute_values(":first", text(keys::open_block(first).sk))
            .expression_attribute_values(":last", text("BLOCK#~"))
            .consistent_read(true)
            .limit(few)
            .send()
            .await
            .map_err(|e| classify("query", &e))?;
        ids(&found.items.unwrap_or_default(), "BLOCK#")
    }

    /// A block of serials.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn block(&self, id: BlockId) -> Result<Option<Block>, Error> {
        self.row(&keys::block(id)).await
    }

    /// The document a serial is tied to.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn serial_document(&self, serial: &Serial) -> Result<Option<DocumentId>, Error> {
        let found = self.item(&keys::serial(serial)).await?;
        let tie = found.as_ref().map(tie).transpose()?;
        Ok(tie.and_then(|(_, tie)| tie.document))
    }

    /// What the rows of these serials say; those without a row are left out.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn ties(&self, serials: &[Serial]) -> Result<Ties, Error> {
        let keys = serials.iter().map(keys::serial);
        let items = self.all_items("read serials", keys).await?;
        items.iter().map(tie).collect()
    }

    /// What was asked of the issuer.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn minting(&self) -> Result<Minting, Error> {
        Ok(self.row(&keys::minting()).await?.unwrap_or_default())
    }

    /// Takes a block that is used up off the list of open ones.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; whoever meets it next does it.
    pub async fn close_block(&self, id: BlockId) -> Result<(), Error> {
        self.client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(primary(&keys::open_block(id))))
            .send()
            .await
            .map(|_| ())
            .map_err(|e| classify("close a block", &e))
    }
}

/// A serial's row.
pub(super) fn tie(item: &Item) -> Result<(Serial, Tie), Error> {
    let pk = attribute(item, "pk");
    let serial = Serial::new(pk.strip_prefix("SERIAL#").unwrap_or(pk))?;
    let named = |name| Some(attribute(item, name)).filter(|text| !text.is_empty());
    let document = named("document").map(str::parse).transpose()?;
    let block = named("block").map(str::parse).transpose()?;
    Ok((serial, Tie { document, block }))
}
