// Logistic regression on the rows of %x: the loss of x·W + b and its gradients.
func.func @gradient(%x: tensor<?x4xf32>, %labels: tensor<?xi32>) -> (tensor<4x1xf32>, tensor<1xf32>) {
  %w = tgnn.parameter "weight" [4, 1] xavier : tensor<4x1xf32>
  %b = tgnn.parameter "bias" [1] zeros : tensor<1xf32>
  %logits = tgnn.linear %x, %w, %b
      : tensor<?x4xf32>, tensor<4x1xf32>, tensor<1xf32> -> tensor<?x1xf32>
  %loss = tgnn.link_loss(%logits, %labels) : (tensor<?x1xf32>, tensor<?xi32>) -> tensor<f32>
  %dw, %db = tgnn.gradient %loss wrt(%w, %b)
      : tensor<f32>, tensor<4x1xf32>, tensor<1xf32> -> tensor<4x1xf32>, tensor<1xf32>
  return %dw, %db : tensor<4x1xf32>, tensor<1xf32>
}
