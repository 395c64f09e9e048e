//===- TGNNMailOps.td - Mailboxes as index work -----------------*- tablegen -*-===//
//
// Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ORCINUS_DIALECTS_TGNN_IR_TGNNMAILOPS_TD
#define ORCINUS_DIALECTS_TGNN_IR_TGNNMAILOPS_TD

include "dialects/TGNN/IR/TGNNStepOps.td"

def TGNN_MailboxOp : TGNN_Op<"mailbox", [Symbol, IsolatedFromAbove,
    SingleBlock, DeclareOpInterfaceMethods<SizedOpInterface>]> {
  let summary = "the latest mails of each node";
  let description = [{
    A state that is data: no gradient flows to it. Each node has `slots` slots
    of `width` numbers, zero at an epoch's start, and a new mail takes the place
    of the oldest. At a batch's end, both ends of each of its events send one,
    which the body makes of the embedding that the batch has of the end itself,
    that of the other end ([M, dim] each) and the event's features [M, edge]. It
    reaches the end itself and its `neighbours` most recent neighbours, those
    met strictly before the event, each once. Of the mails of a batch that reach
    a node, the node keeps their `mean` at the time of the latest, the `last`
    one, or `all`; the later event's is the later, and of one event's two the
    destination's.

    In a model, `width`, `slots` and `neighbours` are linear in named sizes. A
    mailbox of the module, which step functions name, has no body.

    ```mlir
    tgnn.model @corresponding sizes {dim = 8, edge = 4, neighbours = 10} {
      tgnn.mailbox @mails width(dim + edge) slots(3) neighbours(neighbours) keep(mean)
          (%own: tensor<?x?xf32>, %other: tensor<?x?xf32>, %edge: tensor<?x?xf32>) {
        %mail = tgnn.concat %other, %edge
            : tensor<?x?xf32>, tensor<?x?xf32> -> tensor<?x?xf32>
        tgnn.yield %mail : tensor<?x?xf32>
      }
      tgnn.layer @summary(%mails: tensor<?x?x?xf32>, %counts: tensor<?xi32>) -> tensor<?x?xf32> {
        %mean = tgnn.mean_tokens(%mails, %counts)
            : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
        %w = tgnn.parameter "weight" [dim + edge, dim] xavier : tensor<?x?xf32>
        %b = tgnn.parameter "bias" [dim] zeros : tensor<?xf32>
        %y = tgnn.linear %mean, %w, %b
            : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32> -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
      tgnn.encode (%queries: !tgnn.query) {
        %received = tgnn.mails @mails at %queries : !tgnn.mails
        %rows = tgnn.table %received "rows" : !tgnn.mails -> tensor<?x?xi32>
        %counts = tgnn.table %received "counts" : !tgnn.mails -> tensor<?xi32>
        %stored = tgnn.read "mail:mails" : tensor<?x?xf32>
        %mails = tgnn.gather(%stored, %rows)
            : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?x?xf32>
        %y = tgnn.apply @summary "summary"(%mails, %counts)
            : (tensor<?x?x?xf32>, tensor<?xi32>) -> tensor<?x?xf32>
        tgnn.yield %y : tensor<?x?xf32>
      }
      tgnn.decoder @link(%source: tensor<?x?xf32>, %destination: tensor<?x?xf32>)
          -> tensor<?x?xf32> {
        tgnn.yield %source : tensor<?x?xf32>
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DictionaryAttr:$width,
                       DictionaryAttr:$slots,
                       OptionalAttr<DictionaryAttr>:$neighbours,
                       TGNN_MailKeepAttr:$keep);
  let regions = (region AnyRegion:$mail);
  let assemblyFormat = [{
    $sym_name `width` `(` `` custom<Extent>($width) `)`
    `slots` `(` `` custom<Extent>($slots) `)`
    (`neighbours` `(` `` custom<Extent>($neighbours)^ `)`)?
    `keep` `(` `` $keep `)` attr-dict-with-keyword `` custom<MailBody>($mail)
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

class TGNN_MailIndexOp<string opMnemonic, string more = "",
                       list<TGNN_ExtentSource> sources = []>
    : TGNN_IndexOp<opMnemonic, opMnemonic, [
        TGNN_IndexConstant<"mailbox", "numberOf(getMailbox())",
            "from 1 in the order of the manifest's mailboxes">
      ], [DeclareOpInterfaceMethods<SymbolUserOpInterface>], more, sources # [
        TGNN_RowsOfBinding<"mailbox", "mail", "getMailbox()">
      ]>;

def TGNN_MailsOp : TGNN_MailIndexOp<"mails", [{
    int64_t getTableExtent(::llvm::StringRef name);
  }], [
      TGNN_SameExtent<"queries", "getQuery()", "rows">
    ]> {
  let summary = "the mails that queries' nodes have";
  let description = [{
    Those of the batches before, the latest first: rows of `mail:NAME`, their
    ages and how many there are.

    ```mlir
    tgnn.mailbox @mails width(8) slots(3) keep(last)
    func.func @embed(%queries: !tgnn.query) -> tensor<?x3x8xf32> {
      %received = tgnn.mails @mails at %queries : !tgnn.mails
      %rows = tgnn.table %received "rows" : !tgnn.mails -> tensor<?x3xi32>
      %stored = tgnn.read "mail:mails" : tensor<?x8xf32>
      %mails = tgnn.gather(%stored, %rows)
          : (tensor<?x8xf32>, tensor<?x3xi32>) -> tensor<?x3x8xf32>
      return %mails : tensor<?x3x8xf32>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$mailbox, TGNN_QueryType:$query);
  let results = (outs TGNN_MailsType:$mails);
  let assemblyFormat = "$mailbox `at` $query attr-dict `:` type($mails)";
}

def TGNN_DeliverOp : TGNN_MailIndexOp<"deliver"> {
  let summary = "delivers the mails of the batch's events";
  let description = [{
    At the batch's end: says which mails are to be made, which reach which slot,
    and that they lie there from here on.

    ```mlir
    tgnn.mailbox @mails width(8) slots(3) neighbours(10) keep(mean)
    func.func @train(%mails: tensor<?x8xf32>) {
      %deliveries = tgnn.deliver @mails : !tgnn.deliveries
      %offsets = tgnn.table %deliveries "reference_offsets" : !tgnn.deliveries -> tensor<?xi32>
      %references = tgnn.table %deliveries "references" : !tgnn.deliveries -> tensor<?xi32>
      %kept = tgnn.mean_rows(%mails, %offsets, %references)
          : (tensor<?x8xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8xf32>
      %rows = tgnn.table %deliveries "rows" : !tgnn.deliveries -> tensor<?xi32>
      tgnn.write %kept to "mail:mails" rows(%rows : tensor<?xi32>) : tensor<?x8xf32>
      return
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$mailbox);
  let results = (outs TGNN_DeliveriesType:$deliveries);
  let assemblyFormat = "$mailbox attr-dict `:` type($deliveries)";
}

#endif // ORCINUS_DIALECTS_TGNN_IR_TGNNMAILOPS_TD
