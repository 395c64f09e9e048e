// RUN: orcinus-opt %s --orcinus-pack-arguments --split-input-file --verify-diagnostics

// expected-error @below {{a public function must take scalars and memrefs, not 'tensor<4xf32>'}}
func.func @tensor(%x: tensor<4xf32>) {
  return
}

// -----

// expected-error @below {{a public function must take scalars and memrefs, not '!tgnn.query'}}
func.func @handle(%queries: !tgnn.query) {
  return
}
