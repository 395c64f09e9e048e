// Index work of another project: a sampler that looks back for so many seconds,
// and a handle of its own with the number of events that it could choose from.
include "dialects/TGNN/IR/TGNNBase.td"

def WindowDialect : Dialect {
  let name = "window";
  let cppNamespace = "::window";
  let dependentDialects = ["::orcinus::tgnn::TGNNDialect"];
  let useDefaultTypePrinterParser = 1;
}

def DegreesType : TypeDef<WindowDialect, "Degrees",
    [DeclareTypeInterfaceMethods<IndexHandleTypeInterface>]> {
  let mnemonic = "degrees";
}

class WindowOp<string opMnemonic> : Op<WindowDialect, opMnemonic, [IndexWorkOpInterface]>;

def SampleOp : WindowOp<"sample"> {
  let summary = "the latest k neighbours that were met within so many seconds";
  let arguments = (ins TGNN_QueryType:$queries, I32Attr:$k, I32Attr:$seconds);
  let results = (outs TGNN_NeighbourhoodType:$near);
  let assemblyFormat = [{
    $queries `k` `(` $k `)` `within` `(` $seconds `)` attr-dict `:` type($near)
  }];
  let extraClassDeclaration = [{
    ::llvm::StringRef getRuntimeFunction() { return "window_sample"; }
    ::llvm::SmallVector<int64_t> getRuntimeConstants(
        ::llvm::function_ref<int64_t(::llvm::StringRef)>) {
      return {getK(), getSeconds()};
    }
    int64_t getTableExtent(::llvm::StringRef name) {
      return name == "neighbours" ? getK() : ::mlir::ShapedType::kDynamic;
    }
    ::llvm::SmallVector<::orcinus::tgnn::ExtentSource> getExtentSources() {
      return {{"queries", getQueries(), "rows"}};
    }
  }];
}

def CountOp : WindowOp<"count"> {
  let summary = "how many events each node had within so many seconds";
  let arguments = (ins TGNN_QueryType:$queries, I32Attr:$seconds);
  let results = (outs DegreesType:$degrees);
  let assemblyFormat = [{
    $queries `within` `(` $seconds `)` attr-dict `:` type($degrees)
  }];
  let extraClassDeclaration = [{
    ::llvm::StringRef getRuntimeFunction() { return "window_count"; }
    ::llvm::SmallVector<int64_t> getRuntimeConstants(
        ::llvm::function_ref<int64_t(::llvm::StringRef)>) {
      return {getSeconds()};
    }
    ::llvm::SmallVector<::orcinus::tgnn::ExtentSource> getExtentSources() {
      return {{"queries", getQueries(), "rows"}};
    }
  }];
}
