"""What is trained: l_p regression with linear networks, LeNet-5 and the tutorial's network, MNIST, and closed forms."""
