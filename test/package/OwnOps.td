// An op of another project in terms of the tgnn dialect's types.
include "dialects/TGNN/IR/TGNNBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def OwnDialect : Dialect {
  let name = "own";
  let cppNamespace = "::own";
}

def CountOp : Op<OwnDialect, "count", [Pure]> {
  let summary = "the number of queries";
  let arguments = (ins TGNN_QueryType:$queries);
  let results = (outs Index:$count);
}
